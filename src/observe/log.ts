import { type LoggerOptions, type Logger as Pino, pino } from 'pino'
import pretty from 'pino-pretty'
import type { LogFormat } from '../contract/config.ts'
import type { Logger } from '../contract/log.ts'
import { cloudOptions, type LogName } from './cloud-log.ts'

/** A secret shorter than this would blank out half of the log; it is no secret either. */
const SHORTEST_SECRET = 4

export interface LogSettings {
  /** `auto`: text on a terminal, JSON lines elsewhere. */
  readonly format: LogFormat
  /** What lines of a stream are filed under at Google. */
  readonly nameOf?: LogName
  /** Called ahead of each line. */
  readonly before?: () => void
}

/** Writes to standard error. Secret values are taken out of every line. */
export function createLog(
  level: string,
  secrets: readonly string[],
  { format, nameOf = () => undefined, before = () => {} }: LogSettings
): Logger & Pick<Pino, 'level' | 'flush'> {
  const hidden = hider(secrets)
  const isTerminal = process.stderr.isTTY === true
  const stream =
    format === 'text' || (format === 'auto' && isTerminal)
      ? pretty({
          colorize: isTerminal,
          ignore: 'pid,hostname,stack',
          translateTime: 'UTC:HH:MM:ss',
          singleLine: true,
          sync: true,
          destination: 2
        })
      : pino.destination({ dest: 2, sync: true })
  const write = (line: string) => {
    before()
    stream.write(hidden(line))
  }
  const options: LoggerOptions = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  return pino(format === 'gcp' ? { ...options, ...cloudOptions(nameOf) } : options, { write })
}

/** Replaces every secret in a text, also where JSON has escaped it. */
export function hider(secrets: readonly string[]): (text: string) => string {
  const long = secrets.filter((secret) => secret.length >= SHORTEST_SECRET)
  const forms = long.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
  const unique = [...new Set(forms)].sort((a, b) => b.length - a.length)
  if (unique.length === 0) return (text) => text
  return (text) => unique.reduce((result, secret) => result.replaceAll(secret, '***'), text)
}
