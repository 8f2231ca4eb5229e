import type { Message } from '../../contract/alert.ts'
import { AlertStreamsError } from '../../contract/errors.ts'
import { headerOf } from '../../contract/headers.ts'
import { utf8 } from '../json.ts'
import { report } from '../report.ts'

/** The label in the first `_format` header, in upper case. */
export function hopFormat({ headers }: Pick<Message, 'headers'>): string | undefined {
  const label = headerOf(headers, '_format')
  if (!label) return undefined
  try {
    return utf8(label).toUpperCase()
  } catch (cause) {
    throw new AlertStreamsError('DECODE_FAILED', 'The header _format is not UTF-8', { cause })
  }
}

/** Says once that a label is none of hop-client's. */
export function reportLabel(label: string): void {
  report('hop', label.slice(0, 80), ['not a format known here: the content is handed over as it came'])
}
