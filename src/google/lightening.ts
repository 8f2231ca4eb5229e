import type { FieldPaths, Message } from '../contract/alert.ts'
import type { Codec } from '../contract/codec.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { recordOf } from './answers.ts'
import { usualFields, type ZtfFields } from './ztf-fields.ts'

export interface Shape {
  readonly LIGHTEN_ALERTS: boolean
  readonly ZTF_FIELDS: ZtfFields | undefined
  readonly SAVE_METADATA: boolean
}

type Values = Readonly<Record<string, unknown>>

/** The codec with what the options make of its payloads; the bytes of messages stay as they are. */
export function shaped(codec: Codec, { LIGHTEN_ALERTS, ZTF_FIELDS, SAVE_METADATA }: Shape): Codec {
  const fields = ZTF_FIELDS ?? (LIGHTEN_ALERTS ? usualFields : undefined)
  if (fields === undefined && !SAVE_METADATA) return codec
  const light = fields && { fields, paths: pathsOf(fields) }
  const metadata = (message: Message) => (SAVE_METADATA ? { metadata: metadataOf(message) } : {})
  return {
    name: codec.name,
    ...(codec.prepare && { prepare: (message: Message, signal: AbortSignal) => codec.prepare!(message, signal) }),
    decode(message) {
      const whole = recordOf(codec.decode(message, light?.paths))
      if (whole === undefined) throw failure(`the payload of ${message.id} is no record`)
      return { ...(light ? lightened(whole, light.fields, message) : whole), ...metadata(message) }
    },
    encode: (value) => codec.encode(value)
  }
}

/** The fields of an alert side by side. A missing one is an error: a typing slip would leave it out everywhere. */
function lightened(alert: Values, fields: ZtfFields, message: Message): Values {
  const flat: Record<string, unknown> = {}
  const take = (from: Values | undefined, name: string, path: string) => {
    if (from === undefined || from[name] === undefined) throw failure(`there is no ${path} in ${message.id}`)
    flat[name] = from[name]
  }
  for (const name of fields['top-level']) take(alert, name, name)
  for (const name of fields.candidate) take(recordOf(alert.candidate), name, `candidate.${name}`)
  const { message_id, publish_time, attributes } = metadataOf(message)
  const facts: Values = { ...attributes, message_id, publish_time }
  for (const name of fields.metadata) if (Object.hasOwn(facts, name)) flat[name] = facts[name]
  return flat
}

function metadataOf({ id, publishedAt, headers }: Message) {
  const text = (value: Uint8Array | null) => Buffer.from(value ?? []).toString()
  return {
    message_id: id,
    publish_time: publishedAt === undefined ? null : pythonTime(publishedAt),
    attributes: Object.fromEntries(headers.map(([name, value]) => [name, text(value)]))
  }
}

/** As Python writes a time, which is what the TOM keeps: 2021-10-08 16:20:45.123000+00:00. UTC. */
function pythonTime(time: Date): string {
  const [seconds, fraction] = time.toISOString().replace('T', ' ').replace('Z', '').split('.')
  return `${seconds}${fraction === '000' ? '' : `.${fraction}000`}+00:00`
}

function pathsOf(fields: ZtfFields): FieldPaths {
  return [...fields['top-level'].map((name) => [name]), ...fields.candidate.map((name) => ['candidate', name])]
}

function failure(problem: string): AlertStreamsError {
  return new AlertStreamsError('DECODE_FAILED', `${problem}, which LIGHTEN_ALERTS wants`, {
    remedy: 'Name the fields of this topic in ZTF_FIELDS, or leave LIGHTEN_ALERTS out.'
  })
}
