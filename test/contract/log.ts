import { inspect } from 'node:util'
import type { Logger, LogMethod } from '../../src/contract/log.ts'

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: Readonly<Record<string, unknown>>
  readonly text: string
}

/** A logger that remembers what was said, by it and by its children. */
export class RecordingLog implements Logger {
  readonly lines: LogLine[]
  readonly #own: Readonly<Record<string, unknown>>

  constructor(lines: LogLine[] = [], own: Readonly<Record<string, unknown>> = {}) {
    this.lines = lines
    this.#own = own
  }

  debug = this.#method('debug')
  info = this.#method('info')
  warn = this.#method('warn')
  error = this.#method('error')

  child(fields: Readonly<Record<string, unknown>>): RecordingLog {
    return new RecordingLog(this.lines, { ...this.#own, ...fields })
  }

  /** Texts of one level. */
  texts(level: LogLine['level']): string[] {
    return this.lines.filter((line) => line.level === level).map((line) => line.text)
  }

  /** All of it, with every field and every cause of every error in it. */
  everything(): string {
    return textOf(this.lines)
  }

  #method(level: LogLine['level']): LogMethod {
    return (first: string | Readonly<Record<string, unknown>>, text?: string) => {
      const fields = typeof first === 'string' ? {} : first
      this.lines.push({ level, fields: { ...this.#own, ...fields }, text: text ?? String(first) })
    }
  }
}

/** All that can be read out of a value: where a secret must not be. */
export function textOf(value: unknown): string {
  return inspect(value, {
    depth: 12,
    maxStringLength: null,
    maxArrayLength: null,
    breakLength: Number.POSITIVE_INFINITY
  })
}
