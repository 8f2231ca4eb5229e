import type { FieldPaths, Headers, Message } from '../contract/alert.ts'
import type { Codec, CodecSetup, Encoded } from '../contract/codec.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import type { OptionsOf } from '../contract/options.ts'
import { decodeContainer } from './avro.ts'
import { isAvroContainer } from './avro/container.ts'
import { decodeJson, encodeJson, utf8 } from './json.ts'
import { type Limits, limitFields, limitsOf } from './limits.ts'
import { report } from './report.ts'

/**
 * Hopskotch: the `_format` header says how the bytes are read, as hop-client reads them. The payload is the content
 * itself: any JSON value, an Avro record (a list where there are several), bytes. Unlabelled bytes that are neither JSON
 * nor an Avro container, and those of a label not known here, are the payload as they are; a label is reported once.
 */
export class HopCodec implements Codec {
  static readonly doc = "Hopskotch messages, by their _format header and hop-client's rules for those without one."
  static readonly fields = limitFields

  readonly name = 'hop'
  readonly #limits: Limits

  constructor(options: OptionsOf<typeof limitFields>, _setup: CodecSetup) {
    this.#limits = limitsOf(options)
  }

  projects(message: Message): boolean {
    const label = hopFormat(message)
    return label === 'AVRO' || (label === undefined && message.bytes !== null && isAvroContainer(message.bytes))
  }

  decode(message: Message, fields?: FieldPaths): unknown {
    if (message.bytes === null) return null
    const label = hopFormat(message)
    switch (label) {
      case undefined:
        return decodeUnlabelled(message.bytes, fields, this.#limits)
      case 'JSON':
        return decodeJson(message.bytes)
      case 'AVRO':
        return decodeContainer(message.bytes, fields, this.#limits)
      case 'BLOB':
        return message.bytes
      default:
        reportLabel(label)
        return message.bytes
    }
  }

  encode(value: unknown): Encoded {
    if (value instanceof Uint8Array) return { bytes: value, headers: formatHeader('blob') }
    return { bytes: encodeJson(value), headers: formatHeader('json') }
  }
}

/** The label in the first `_format` header, in upper case. */
export function hopFormat({ headers }: Pick<Message, 'headers'>): string | undefined {
  const label = firstOf(headers, '_format')
  return label === undefined ? undefined : textOf(label).toUpperCase()
}

/** The message id that hop-client gave it, as UUID text. */
export function hopMessageId(headers: Headers): string | undefined {
  const id = firstOf(headers, '_id')
  if (id?.length !== 16) return undefined
  return Buffer.from(id)
    .toString('hex')
    .replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function firstOf(headers: Headers, name: string): Uint8Array | undefined {
  return headers.find((header) => header[0] === name)?.[1] ?? undefined
}

function textOf(label: Uint8Array): string {
  try {
    return utf8(label)
  } catch (cause) {
    throw new AlertStreamsError('DECODE_FAILED', 'The header _format is not UTF-8', { cause })
  }
}

/**
 * hop-client before 0.8 wrote no headers, but a JSON envelope. An Avro container, as other Kafka clusters carry it, is
 * read, though hop-client would hand over its bytes: a filter over them would quietly let nothing through.
 */
function decodeUnlabelled(bytes: Uint8Array, fields: FieldPaths | undefined, limits: Limits): unknown {
  if (isAvroContainer(bytes)) return decodeContainer(bytes, fields, limits)
  let value: unknown
  try {
    value = decodeJson(bytes)
  } catch {
    return bytes
  }
  return isEnvelope(value) ? openEnvelope(value) : value
}

interface Envelope {
  readonly format: unknown
  readonly content: unknown
}

function isEnvelope(value: unknown): value is Envelope {
  return typeof value === 'object' && value !== null && 'format' in value && 'content' in value
}

function openEnvelope({ format, content }: Envelope): unknown {
  if (typeof format !== 'string') throw badEnvelope('its format is not text')
  if (format === 'blob') return content
  switch (format.toUpperCase()) {
    case 'JSON':
    case 'AVRO':
    case 'BLOB':
      return innerContent(content)
    case 'VOEVENT':
    case 'GCNTEXTNOTICE':
    case 'CIRCULAR':
      return content
    default:
      reportLabel(format.toUpperCase())
      return content
  }
}

function innerContent(content: unknown): unknown {
  if (typeof content === 'object' && content !== null && 'content' in content) return content.content
  throw badEnvelope('its content has no content')
}

function badEnvelope(reason: string): AlertStreamsError {
  return new AlertStreamsError('DECODE_FAILED', `The message is not a valid Hopskotch envelope: ${reason}`)
}

function reportLabel(label: string): void {
  report('hop', label.slice(0, 80), ['not a format known here: the content is handed over as it came'])
}

function formatHeader(label: string): Headers {
  return [['_format', Buffer.from(label)]]
}
