import { gunzipSync } from 'node:zlib'
import { reasonOf } from '../contract/errors.ts'
import { type Fields, recordOf } from '../tom/fields.ts'
import { type FitsImage, readFits } from './fits.ts'

/** A small image around the object. */
export interface Cutout {
  /** science, template, or difference, and of the difference what was taken from what. */
  readonly label: string
  readonly bytes: Uint8Array
}

/** Bytes: more is no cut-out. */
const MOST = 64 * 1024 * 1024

/** Those that the alert has, FITS or gzipped FITS: ZTF's are in a record with a file name, LSST's bare. */
export function cutoutsOf(payload: Fields): readonly Cutout[] {
  return (['science', 'template', 'difference'] as const).flatMap((name) => {
    const field = payload[`cutout${name[0]!.toUpperCase()}${name.slice(1)}`]
    const bytes = field instanceof Uint8Array ? field : recordOf(field)?.stampData
    const label = `${name}${signOf(String(recordOf(field)?.fileName))}`
    return bytes instanceof Uint8Array && bytes.length > 0 ? [{ label, bytes }] : []
  })
}

/** ZTF turns the difference of what has become fainter round, and names the file so. */
function signOf(fileName: string): string {
  if (/refmsci/.test(fileName)) return ' (template - science)'
  return /scimref/.test(fileName) ? ' (science - template)' : ''
}

/** The image, or why there is none. */
export function imageIn({ bytes }: Cutout): FitsImage | string {
  try {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
    return readFits(isGzip ? gunzipSync(bytes, { maxOutputLength: MOST }) : bytes)
  } catch (error) {
    return reasonOf(error)
  }
}
