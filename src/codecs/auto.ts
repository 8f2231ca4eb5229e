import type { Codec } from '../contract/alert.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { decodeContainer } from './avro.ts'
import { isAvroContainer } from './avro/container.ts'
import { hop, hopFormat } from './hop.ts'
import { decodeJson, encodeJson } from './json.ts'

/**
 * Tells the format from the message: a `_format` header makes it Hopskotch, else the first bytes are those of an Avro
 * container or of JSON text. Writes JSON, and bytes as they are.
 */
export const auto: Codec = {
  name: 'auto',
  decode(message, fields) {
    const { bytes } = message
    if (bytes === null) return null
    if (hopFormat(message) !== undefined) return hop.decode(message, fields)
    if (isAvroContainer(bytes)) return decodeContainer(bytes, fields)
    if (looksLikeJson(bytes)) return decodeJson(bytes)
    throw new AlertStreamsError('DECODE_FAILED', `The format can't be told: the message ${beginning(bytes)}`, {
      remedy: 'Known are JSON, Avro containers and messages with a _format header; for others set CODEC: bytes'
    })
  },
  encode: (value) => ({ bytes: value instanceof Uint8Array ? value : encodeJson(value), headers: [] })
}

/** A value's first character after white space; a byte order mark may stand before it. */
function looksLikeJson(bytes: Uint8Array): boolean {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  while (bytes[at] === 0x20 || (bytes[at]! >= 0x09 && bytes[at]! <= 0x0d)) at++
  return bytes[at] !== undefined && '{["-0123456789tfnNI'.includes(String.fromCharCode(bytes[at]!))
}

function beginning(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'is empty'
  return `begins with the bytes ${Buffer.from(bytes.subarray(0, 8))
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')}`
}
