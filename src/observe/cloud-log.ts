import type { LoggerOptions } from 'pino'

/** The subscription or table that a stream reads a topic from, without a topic all of it; undefined: neither. */
export type LogName = (stream: string, topic: string | undefined) => string | undefined

const SERVICE = 'alertstreams'
/** pino's number of `error`. */
const ERROR = 50
/** What Cloud Logging can filter by without looking into the entries. */
const LABELS = ['stream', 'sink', 'topic', 'member', 'code']
const REPORTED = 'type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent'

/**
 * Lines as Google's agents read them: `severity`, `message`, `time`, labels, and the log's name where the agent lets us
 * choose it (elsewhere it is the label `log`). Errors go to Error Reporting, with their stack where there is one.
 */
export function cloudOptions(nameOf: LogName): LoggerOptions {
  return {
    messageKey: 'message',
    formatters: { level: (label) => ({ severity: label === 'warn' ? 'WARNING' : label.toUpperCase() }) },
    mixin(fields, level, logger) {
      const all: Record<string, unknown> = { ...logger.bindings(), ...fields }
      const labels = LABELS.filter((name) => all[name] !== undefined).map((name) => [name, String(all[name])])
      const stream = textOf(all.stream)
      const log = (stream && nameOf(stream, textOf(all.topic))) ?? stream ?? SERVICE
      const stack = textOf(all.stack) ?? stackOf(all.err)
      return {
        'logging.googleapis.com/logName': log.replaceAll(/[^\w./-]/g, '_'),
        'logging.googleapis.com/labels': { log, ...Object.fromEntries(labels) },
        ...(level >= ERROR && { serviceContext: { service: SERVICE } }),
        ...(stack !== undefined ? { stack_trace: stack } : level >= ERROR && { '@type': REPORTED })
      }
    }
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined
}
