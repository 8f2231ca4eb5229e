import { fileName } from '../archive/file-names.ts'
import type { FieldPaths, Message } from '../contract/alert.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { headerOf } from '../contract/headers.ts'
import type { Packet } from './packets.ts'

/** What a file is named by. */
export interface Named {
  /** Of what is written: the message's own, unless a handler named another. */
  readonly topic: string
  readonly stream: string
  readonly message: Message
}

/** The names of the broker's own archives, relative to a bucket: the first of which an alert has all fields. */
export const USUAL_NAMES: readonly string[] = [
  '{kafka.topic}/{objectId}/{candid}.avro',
  '{version}/kafkaPublishTimestamp={YYYY-MM-DD}/diaObjectId={diaObject.diaObjectId}/diaSourceId={diaSource.diaSourceId}.avro',
  '{version}/kafkaPublishTimestamp={YYYY-MM-DD}/ssObjectId={ssSource.ssObjectId}/diaSourceId={diaSource.diaSourceId}.avro',
  '{version}/kafkaPublishTimestamp={YYYY-MM-DD}/diaSourceId={diaSource.diaSourceId}.avro'
]

const PLACEHOLDER = /\{([^{}]*)\}/g
const FIELD = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/
/** Bytes: Cloud Storage's limit of a name, and a file system's of one part; some are for what makes a name its own. */
const MOST = 1000
const MOST_OF_PART = 240

const words: Readonly<Record<string, (named: Named, packet: Packet) => unknown>> = {
  topic: ({ topic }) => topic,
  stream: ({ stream }) => stream,
  id: ({ message }) => message.id,
  survey: (_, { facts }) => facts.survey,
  version: (_, { facts }) => facts.version,
  'kafka.topic': ({ message }) => attribute(message, 'kafka.topic') ?? message.topic,
  'kafka.partition': ({ message }) => attribute(message, 'kafka.partition') ?? message.partition,
  'kafka.offset': ({ message }) => attribute(message, 'kafka.offset') ?? message.offset,
  'kafka.timestamp': ({ message }) => publishedAt(message)?.getTime(),
  YYYYMMDD: ({ message }) => publishedAt(message)?.toISOString().slice(0, 10).replaceAll('-', ''),
  'YYYY-MM-DD': ({ message }) => publishedAt(message)?.toISOString().slice(0, 10)
}

/** What is wrong with a template of names; undefined: nothing. */
export function templateProblem(template: string): string | undefined {
  const placeholders = [...template.matchAll(PLACEHOLDER)].map(([, name]) => name!)
  if (/[{}]/.test(template.replaceAll(PLACEHOLDER, ''))) return 'has a brace without its other one'
  if (placeholders.length === 0) return 'would be the name of every file: put {candid} or the like into it'
  const unknown = placeholders.find((name) => !(Object.hasOwn(words, name) || isAttribute(name) || FIELD.test(name)))
  return unknown === undefined ? undefined : `{${unknown}} stands for nothing: it is no field of a payload`
}

/** Names of files, by the first of some templates of which a message has all that it needs. */
export class Names {
  readonly #templates: readonly string[]
  /** Of the payload. */
  readonly #paths: FieldPaths

  constructor(templates: readonly string[]) {
    this.#templates = templates
    const fields = templates.flatMap((template) => placeholdersIn(template).filter(isField))
    this.#paths = [...new Set(fields)].map((field) => field.split('.'))
  }

  /** The name and the number of its template. Throws `SINK_REJECTED` that says what is missing. */
  nameOf(named: Named, packet: Packet): { readonly name: string; readonly template: number } {
    const record = this.#paths.length === 0 ? undefined : packet.fields(this.#paths)
    const missing = new Set<string>()
    for (const [index, template] of this.#templates.entries()) {
      const texts = new Map(placeholdersIn(template).map((name) => [name, textOf(found(name, named, packet, record))]))
      const absent = [...texts].filter(([, text]) => text === undefined).map(([name]) => name)
      for (const name of absent) missing.add(name)
      if (absent.length > 0) continue
      return { name: checked(template.replaceAll(PLACEHOLDER, (_, name) => texts.get(name)!)), template: index }
    }
    throw rejected(`it has no ${[...missing].join(', ')}, which the name of its file is made of (PATH)`)
  }
}

function placeholdersIn(template: string): readonly string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, name]) => name!)
}

function isField(name: string): boolean {
  return !Object.hasOwn(words, name) && !isAttribute(name)
}

function isAttribute(name: string): boolean {
  return /^attributes\../.test(name)
}

function found(name: string, named: Named, packet: Packet, record: unknown): unknown {
  if (Object.hasOwn(words, name)) return words[name]!(named, packet)
  if (isAttribute(name)) return attribute(named.message, name.slice('attributes.'.length))
  return name.split('.').reduce((value: unknown, key) => {
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
  }, record)
}

function attribute({ headers }: Message, name: string): string | undefined {
  const value = headerOf(headers, name)
  return value === undefined || value === null ? undefined : Buffer.from(value).toString()
}

/** Where it passed a Kafka on its way, then there. */
function publishedAt(message: Message): Date | undefined {
  const text = attribute(message, 'kafka.timestamp')
  const time = text !== undefined && /^\d{1,14}$/.test(text) ? new Date(Number(text)) : message.publishedAt
  return time === undefined || Number.isNaN(time.getTime()) ? undefined : time
}

/** As a part of a name, which it never leaves. */
function textOf(value: unknown): string | undefined {
  const isText = typeof value === 'string' ? value !== '' : typeof value === 'bigint' || Number.isFinite(value)
  return isText ? fileName(String(value)) : undefined
}

function checked(name: string): string {
  const isLong =
    Buffer.byteLength(name) > MOST || name.split('/').some((part) => Buffer.byteLength(part) > MOST_OF_PART)
  if (isLong) throw rejected(`its file would have too long a name: ${name.slice(0, 80)}...`)
  return name
}

function rejected(reason: string): AlertStreamsError {
  return new AlertStreamsError('SINK_REJECTED', reason)
}
