import { type Logger as Pino, pino } from 'pino'
import pretty from 'pino-pretty'
import type { Logger } from '../contract/log.ts'

/** A secret shorter than this would blank out half of the log; it is no secret either. */
const SHORTEST_SECRET = 4

/** Pretty on a terminal, JSON lines elsewhere; on standard error. Secret values are taken out of every line; `before` is called ahead of each. */
export function createLog(
  level: string,
  secrets: readonly string[],
  before: () => void = () => {}
): Logger & Pick<Pino, 'level' | 'flush'> {
  const hidden = hider(secrets)
  const stream = process.stderr.isTTY
    ? pretty({ ignore: 'pid,hostname', translateTime: 'UTC:HH:MM:ss', singleLine: true, sync: true, destination: 2 })
    : pino.destination({ dest: 2, sync: true })
  const write = (line: string) => {
    before()
    stream.write(hidden(line))
  }
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write })
}

/** Replaces every secret in a text, also where JSON has escaped it. */
export function hider(secrets: readonly string[]): (text: string) => string {
  const long = secrets.filter((secret) => secret.length >= SHORTEST_SECRET)
  const forms = long.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
  const unique = [...new Set(forms)].sort((a, b) => b.length - a.length)
  if (unique.length === 0) return (text) => text
  return (text) => unique.reduce((result, secret) => result.replaceAll(secret, '***'), text)
}
