import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { codec as codecField } from '../codecs/option.ts'
import { onCodecReport } from '../codecs/report.ts'
import { readFlow } from '../config/flow.ts'
import type { Headers } from '../contract/alert.ts'
import type { Codec } from '../contract/codec.ts'
import { reasonOf } from '../contract/errors.ts'
import type { LogMethod, Logger } from '../contract/log.ts'
import { duration } from '../contract/options.ts'
import { UsageError } from './usage-error.ts'

/** The options that decode and encode share, for `parseArgs`. */
export const messageOptions = {
  codec: { type: 'string' },
  header: { type: 'string', multiple: true, default: [] as string[] },
  key: { type: 'string' },
  topic: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false }
} as const

/** What the command line says about the messages. */
export interface Given {
  readonly headers: Headers
  readonly key: Uint8Array | undefined
  readonly topic: string | undefined
}

interface Values {
  readonly header: readonly string[]
  readonly key?: string | undefined
  readonly topic?: string | undefined
}

/** Throws `UsageError`. */
export function readGiven({ header, key, topic }: Values): Given {
  const headers = header.map((text): Headers[number] => {
    const at = text.indexOf('=')
    if (at <= 0) throw new UsageError(`--header ${text} must be NAME=VALUE, as in _format=voevent`)
    return [text.slice(0, at), Buffer.from(text.slice(at + 1))]
  })
  return { headers, key: key === undefined ? undefined : keyOf(key), topic }
}

/** The content of a file of that name, else the text itself. */
function keyOf(given: string): Uint8Array {
  return existsSync(given) && statSync(given).isFile() ? readFileSync(given) : Buffer.from(given)
}

/** `--codec NAME` or `--codec '{NAME: ..., ...}'`, read as the setting CODEC is. Throws `UsageError`. */
export function readCodec(text: string): Codec {
  const read = codecField('', { required: true }).read(settingOf(text))
  if ('problem' in read) throw new UsageError(`--codec: ${read.problem}`)
  onCodecReport(({ codec, subject, notes }) => log.warn(`codec ${codec}, ${subject}: ${notes.join('; ')}`))
  try {
    return read.value({ log, baseDir: process.cwd(), stateDir: resolve('.alertstreams') })
  } catch (error) {
    throw new UsageError(`--codec: ${reasonOf(error)}`, { cause: error })
  }
}

function settingOf(text: string): unknown {
  if (!text.trimStart().startsWith('{')) return text
  try {
    return readFlow(text)
  } catch (error) {
    throw new UsageError(`--codec: ${reasonOf(error)}`, { cause: error })
  }
}

/** `--timeout`. Throws `UsageError`. */
export function readSeconds(text: string): number {
  const read = duration('').read(text)
  if ('problem' in read || !read.value) throw new UsageError('--timeout must be a time such as 30s or 5m')
  return read.value
}

/** The text alone, on standard error: what a person who looks at an alert has to know. */
const say: LogMethod = (fields, text = String(fields)) => process.stderr.write(`alertstreams: ${text}\n`)
const log: Logger = { debug() {}, info() {}, warn: say, error: say, child: () => log }
