/** The part of a logger that components use; pino satisfies it. */
export interface Logger {
  debug: LogMethod
  info: LogMethod
  warn: LogMethod
  error: LogMethod
  child(fields: Readonly<Record<string, unknown>>): Logger
}

export interface LogMethod {
  (fields: Readonly<Record<string, unknown>>, text: string): void
  (text: string): void
}

/** The least that is logged. */
export const LEVELS = ['debug', 'info', 'warn', 'error'] as const
