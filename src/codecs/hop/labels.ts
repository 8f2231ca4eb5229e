import type { Headers, Message } from '../../contract/alert.ts'
import { AlertStreamsError } from '../../contract/errors.ts'
import { utf8 } from '../json.ts'
import { report } from '../report.ts'

/** The label in the first `_format` header, in upper case. */
export function hopFormat({ headers }: Pick<Message, 'headers'>): string | undefined {
  const label = firstOf(headers, '_format')
  if (label === undefined) return undefined
  try {
    return utf8(label).toUpperCase()
  } catch (cause) {
    throw new AlertStreamsError('DECODE_FAILED', 'The header _format is not UTF-8', { cause })
  }
}

/** The message id that hop-client gave it, as UUID text. */
export function hopMessageId(headers: Headers): string | undefined {
  const id = firstOf(headers, '_id')
  if (id?.length !== 16) return undefined
  return Buffer.from(id)
    .toString('hex')
    .replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** Says once that a label is none of hop-client's. */
export function reportLabel(label: string): void {
  report('hop', label.slice(0, 80), ['not a format known here: the content is handed over as it came'])
}

function firstOf(headers: Headers, name: string): Uint8Array | undefined {
  return headers.find((header) => header[0] === name)?.[1] ?? undefined
}
