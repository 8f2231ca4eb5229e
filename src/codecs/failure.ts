import { AlertStreamsError, reasonOf } from '../contract/errors.ts'

/** Runs a decoder: whatever it throws on bytes it doesn't understand becomes `DECODE_FAILED`. */
export function decoding<Value>(format: string, decode: () => Value): Value {
  try {
    return decode()
  } catch (error) {
    if (error instanceof AlertStreamsError) throw error
    throw new AlertStreamsError('DECODE_FAILED', `The message is not valid ${format}: ${reasonOf(error)}`, {
      cause: error
    })
  }
}

/** What a codec throws when it is asked to write a value that its format has no place for. */
export function notEncodable(format: string, reason: string, remedy: string): AlertStreamsError {
  return new AlertStreamsError('HANDLER_FAILED', `The value can't be written as ${format}: ${reason}`, { remedy })
}
