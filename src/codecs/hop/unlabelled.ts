import type { FieldPaths } from '../../contract/alert.ts'
import { isAvroContainer } from '../avro/container.ts'
import { decodeContainer } from '../avro/decode.ts'
import { decoding } from '../failure.ts'
import { toVoEvent } from '../gcn/voevent.ts'
import { decodeJson } from '../json.ts'
import type { Limits } from '../limits.ts'
import { reportLabel } from './labels.ts'
import { isRecord, toCircular, toPlaceholder } from './models.ts'

/**
 * What bytes without a label hold, by hop-client's rules: JSON, where a record of `format` and `content` is the envelope
 * of hop-client before 0.8, else the bytes as they are. An Avro container, as other Kafka clusters carry it, is read,
 * though hop-client would hand over its bytes: a filter over them would quietly let nothing through.
 */
export function decodeUnlabelled(bytes: Uint8Array, fields: FieldPaths | undefined, limits: Limits): unknown {
  if (isAvroContainer(bytes)) return decodeContainer(bytes, fields, limits)
  let value: unknown
  try {
    value = decodeJson(bytes, limits)
  } catch {
    return bytes
  }
  if (!isRecord(value) || !('format' in value && 'content' in value)) return value
  return decoding('Hopskotch envelope', () => openEnvelope(value))
}

function openEnvelope({ format, content }: Readonly<Record<string, unknown>>): unknown {
  if (typeof format !== 'string') throw new Error('its format is not text')
  // The old label of JSON, in lower case only.
  if (format === 'blob') return content
  switch (format.toUpperCase()) {
    case 'JSON':
    case 'AVRO':
    case 'BLOB':
      return fieldOf(content, 'content')
    case 'VOEVENT':
      return toVoEvent(content)
    case 'GCNTEXTNOTICE':
      return fieldOf(content, 'fields')
    case 'CIRCULAR':
      return toCircular(content)
    case 'EXTERNAL':
      return toPlaceholder(content)
    default:
      reportLabel(format.toUpperCase())
      return content
  }
}

function fieldOf(content: unknown, name: string): unknown {
  if (isRecord(content) && name in content) return content[name]
  throw new Error(`its content has no ${name}`)
}
