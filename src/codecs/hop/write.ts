import type { Codec, CodecSetup, Encoded } from '../../contract/codec.ts'
import { choice, flag, list, type OptionsOf } from '../../contract/options.ts'
import { notEncodable } from '../failure.ts'
import { encodeTextNotice } from '../gcn/text-notice.ts'
import { encodeVoEvent } from '../gcn/voevent.ts'
import { encodeJson } from '../json.ts'
import { hopHeaders } from './headers.ts'
import { encodeCircular } from './models.ts'

export const writeFields = {
  FORMAT: choice(
    'what values are written as; bytes that a handler gives go out as they are and need a _format header of its own',
    ['json', 'avro', 'blob', 'voevent', 'gcntextnotice', 'circular'],
    { fallback: 'json' }
  ),
  SCHEMA: list('the .avsc file, or files, or folder of them, to write avro by; else one is made for each value'),
  TEST: flag('marks what is written as a test, which clients ignore by default', { fallback: false })
}

export type WriteOptions = OptionsOf<typeof writeFields>

/** A value in the format, under the headers that hop-client writes, in its order. Throws `HANDLER_FAILED`. */
export function writeHop(value: unknown, options: WriteOptions, setup: CodecSetup, avro: Codec): Encoded {
  const format = options.FORMAT === 'json' && value instanceof Uint8Array ? 'blob' : options.FORMAT
  const headers = hopHeaders(format, setup.credentials?.username, options.TEST)
  return { bytes: bytesOf(value, format, avro), headers }
}

function bytesOf(value: unknown, format: WriteOptions['FORMAT'], avro: Codec): Uint8Array {
  switch (format) {
    case 'json':
      return encodeJson(value)
    case 'avro':
      return avro.encode(value).bytes
    case 'voevent':
      return encodeVoEvent(value)
    case 'gcntextnotice':
      return encodeTextNotice(value)
    case 'circular':
      return encodeCircular(value)
    case 'blob':
      if (value instanceof Uint8Array) return value
      if (typeof value === 'string') return Buffer.from(value)
      throw notEncodable('a blob', 'it is neither bytes nor text', 'Return bytes, or set FORMAT: json')
  }
}
