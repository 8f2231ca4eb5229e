/** What the runner does about a failure: try again for ever, put the one alert aside, or give up the stream. */
export type Action = 'retry' | 'dead letter' | 'stop'

/** Every code, what it means, and what is done about it. The README's table is held to this one by a test. */
export const codes = {
  CONFIG_INVALID: { action: 'stop', meaning: 'the configuration has problems' },
  CONNECT_FAILED: { action: 'retry', meaning: 'the source cannot be reached' },
  SOURCE_MISSING: { action: 'retry', meaning: 'a topic is not there (yet)' },
  CREDENTIALS_REFUSED: { action: 'stop', meaning: 'the source refused the credentials' },
  SUBSCRIPTION_MISSING: { action: 'stop', meaning: 'the subscription is not there and could not be made' },
  NO_ROUTE: { action: 'dead letter', meaning: 'no key of TOPIC_HANDLERS matches the topic' },
  DECODE_FAILED: { action: 'dead letter', meaning: 'the bytes are not what the codec expects' },
  FETCH_FAILED: {
    action: 'retry',
    meaning: 'what is needed to decode (a schema, a body that lies elsewhere) cannot be had'
  },
  FILTER_FAILED: { action: 'dead letter', meaning: 'FILTER, KEY or ORDER_BY could not be evaluated' },
  HANDLER_FAILED: { action: 'dead letter', meaning: 'the handler threw on every attempt' },
  HANDLER_TIMEOUT: { action: 'dead letter', meaning: 'the handler did not settle within TIMEOUT on any attempt' },
  SINK_UNAVAILABLE: { action: 'retry', meaning: 'the target cannot take anything at the moment' },
  SINK_REJECTED: { action: 'dead letter', meaning: 'the target can never take this one message' },
  ARCHIVE_DAMAGED: { action: 'stop', meaning: 'files of an archive could not be read whole; the rest was' },
  ALERT_FAILED: { action: 'stop', meaning: 'an alert failed and there is no DEAD_LETTER' },
  DEAD_LETTER_FAILED: { action: 'stop', meaning: 'a dead letter could not be kept anywhere' }
} as const satisfies Record<string, { action: Action; meaning: string }>

export type ErrorCode = keyof typeof codes

/** The one error class: what happened, with a code, and what to do about it. */
export class AlertStreamsError extends Error {
  readonly code: ErrorCode
  /** What an operator can do, as an imperative sentence. */
  readonly remedy: string | undefined

  constructor(code: ErrorCode, message: string, more: { readonly cause?: unknown; readonly remedy?: string } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'AlertStreamsError'
    this.code = code
    this.remedy = more.remedy
  }
}

/** The code of any thrown value; what is not ours gets the given one. */
export function codeOf(error: unknown, otherwise: ErrorCode): ErrorCode {
  return error instanceof AlertStreamsError ? error.code : otherwise
}

export function actionOf(code: ErrorCode): Action {
  return codes[code].action
}

/** Text of any thrown value. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Text of any thrown value and what can be done about it, as whole sentences. */
export function adviceOf(error: unknown): string {
  const reason = reasonOf(error)
  const sentence = /[.!?]$/.test(reason) ? reason : `${reason}.`
  const remedy = (error as { remedy?: unknown } | undefined)?.remedy
  return typeof remedy === 'string' ? `${sentence} ${remedy}` : sentence
}
