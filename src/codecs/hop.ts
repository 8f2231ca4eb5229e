import type { FieldPaths, Message } from '../contract/alert.ts'
import type { Codec, CodecSetup, Encoded } from '../contract/codec.ts'
import type { OptionsOf } from '../contract/options.ts'
import { isAvroContainer } from './avro/container.ts'
import { decodeContainer } from './avro/decode.ts'
import { AvroCodec } from './avro.ts'
import { decodeTextNotice } from './gcn/text-notice.ts'
import { decodeVoEvent } from './gcn/voevent.ts'
import { External, externalFields } from './hop/external.ts'
import { hopFormat, reportLabel } from './hop/labels.ts'
import { decodeCircular, decodePlaceholder } from './hop/models.ts'
import { decodeUnlabelled } from './hop/unlabelled.ts'
import { type WriteOptions, writeFields, writeHop } from './hop/write.ts'
import { decodeJson } from './json.ts'
import { type Limits, limitFields, limitsOf } from './limits.ts'

export { hopMessageId } from './hop/headers.ts'
export { hopFormat } from './hop/labels.ts'

const fields = { ...limitFields, ...writeFields, ...externalFields }

/**
 * Hopskotch: the `_format` header says how the bytes are read, as hop-client reads them. The payload is the content
 * itself: `json` any value, `avro` a record (a list where there are several), `voevent` the record of its elements and
 * attributes, `gcntextnotice` the record of its fields, `circular` `{header, body}`, `blob` bytes. Unlabelled bytes that
 * are neither JSON nor an Avro container, and those of a label not known here, are the payload as they are; a label is
 * reported once. What `alert.bytes` holds is always as it came.
 */
export class HopCodec implements Codec {
  static readonly doc = "Hopskotch messages, by their _format header and hop-client's rules for those without one."
  static readonly fields = fields

  readonly name = 'hop'
  readonly #options: WriteOptions
  readonly #setup: CodecSetup
  readonly #limits: Limits
  readonly #avro: Codec
  readonly #external: External

  constructor(options: OptionsOf<typeof fields>, setup: CodecSetup) {
    this.#options = options
    this.#setup = setup
    this.#limits = limitsOf(options)
    this.#avro = new AvroCodec(options, setup)
    this.#external = new External(options, setup)
  }

  projects(message: Message): boolean {
    const label = hopFormat(message)
    return label === 'AVRO' || (label === undefined && message.bytes !== null && isAvroContainer(message.bytes))
  }

  /** A placeholder (label `external`) gives way to the message that it stands for. */
  prepare(message: Message, signal: AbortSignal): Promise<Message> | undefined {
    return this.#external.prepare(message, signal)
  }

  decode(message: Message, fields?: FieldPaths): unknown {
    const { bytes } = message
    if (bytes === null) return null
    const label = hopFormat(message)
    switch (label) {
      case undefined:
        return decodeUnlabelled(bytes, fields, this.#limits)
      case 'JSON':
        return decodeJson(bytes, this.#limits)
      case 'AVRO':
        return decodeContainer(bytes, fields, this.#limits)
      case 'VOEVENT':
        return decodeVoEvent(bytes, this.#limits)
      case 'GCNTEXTNOTICE':
        return decodeTextNotice(bytes, this.#limits)
      case 'CIRCULAR':
        return decodeCircular(bytes, this.#limits)
      case 'EXTERNAL':
        return decodePlaceholder(bytes, this.#limits)
      case 'BLOB':
        return bytes
      default:
        reportLabel(label)
        return bytes
    }
  }

  encode(value: unknown): Encoded {
    return writeHop(value, this.#options, this.#setup, this.#avro)
  }
}
