import type { Codec } from '../contract/codec.ts'
import type { Config } from '../contract/config.ts'
import type { DeadLetter } from '../contract/dead-letter.ts'
import { reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import { bestKey } from '../contract/topics.ts'

/** Characters of the base64 that is shown of bytes which nobody can read. */
const HEAD = 400
/** For a schema or a body that has to be fetched. */
const FETCH_MS = 20_000

/** Everything about a dead letter as text. */
export async function describe(letter: DeadLetter, config: Config, log: Logger): Promise<string> {
  const { message } = letter
  const facts: readonly (readonly [string, unknown])[] = [
    ['stream', letter.stream],
    ['topic', message.topic],
    ['id', message.id],
    ['published', message.publishedAt?.toISOString()],
    ['route', letter.route],
    ['code', letter.code],
    ['reason', letter.reason],
    ['attempts', letter.attempts],
    ['key', message.key && shown(message.key)],
    ['size', message.bytes === null ? 'no value (a tombstone)' : `${message.bytes.length} bytes`]
  ]
  const known = facts.filter(([, value]) => value !== undefined && value !== null)
  const headers = message.headers.map(([name, value]) => `  ${name}: ${value === null ? 'null' : shown(value)}`)
  return [
    ...known.map(([name, value]) => `${name}: ${value}`),
    ...(headers.length > 0 ? ['headers:', ...headers] : []),
    ...(letter.stack ? ['stack:', indented(letter.stack)] : []),
    ...(message.bytes === null ? [] : await payload(letter, config, log))
  ].join('\n')
}

async function payload({ message, stream }: DeadLetter, config: Config, log: Logger): Promise<string[]> {
  try {
    const codec = codecOf(stream, message.topic, config, log)
    const whole = await codec.prepare?.(message, AbortSignal.timeout(FETCH_MS))
    const value = codec.decode(whole ?? message)
    return [`payload (${codec.name}):`, indented(JSON.stringify(value, readable, 2) ?? String(value))]
  } catch (error) {
    const bytes = Buffer.from(message.bytes!).toString('base64')
    return [`payload, which cannot be decoded (${reasonOf(error)}), as base64:`, `  ${cut(bytes, HEAD)}`]
  }
}

/** Of the route that would take it now, else of its stream. */
function codecOf(stream: string | undefined, topic: string, config: Config, log: Logger): Codec {
  const found = config.streams.find(({ id }) => id === stream)
  if (found === undefined) throw new Error(`there is no active stream ${stream} now`)
  const key = bestKey(
    topic,
    found.routes.map((route) => route.key)
  )
  const route = found.routes.find((route) => route.key === key)
  const { baseDir, runner } = config
  const setup = { log, baseDir, stateDir: runner.stateDir }
  if (route?.codec !== undefined) return route.codec(found.codecSetup?.(setup) ?? setup)
  const room = { admit: () => false, wait: async () => {}, most: runner.bufferBytes }
  const { id, make } = found
  return make({ id, topics: [], room, log, baseDir, stateDir: runner.stateDir, note() {} }).codec
}

/** All digits of integers; of bytes only how many. `this` holds a value as it was before `toJSON`. */
function readable(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return JSON.rawJSON(String(value))
  const original = (this as Record<string, unknown>)[key]
  return original instanceof Uint8Array ? `<${original.length} bytes>` : value
}

/** Text where the bytes are text, else base64. */
function shown(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString()
  const isText = Buffer.from(text).equals(bytes) && !/[^\P{Cc}\t\n]/u.test(text)
  return isText ? text : `${cut(Buffer.from(bytes).toString('base64'), HEAD)} (base64)`
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}...`
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ')
}
