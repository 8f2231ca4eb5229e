import type { Alert } from './alert.ts'
import type { Logger } from './log.ts'
import type { Outgoing } from './sink.ts'

/** Return what to publish, or nothing. Throw, and the alert counts as failed. */
export type Handler<Payload = unknown, Options = Readonly<Record<string, unknown>>> = (
  alert: Alert<Payload>,
  context: HandlerContext<Options>
) => HandlerResult | Promise<HandlerResult>

/** An `Alert` returned is republished as it came: its bytes, key and headers. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing is the common case
export type HandlerResult = void | null | undefined | Outgoing | Alert | readonly (Outgoing | Alert)[]

export interface HandlerContext<Options = Readonly<Record<string, unknown>>> {
  /** The route's OPTIONS. */
  readonly options: Options
  /** Already carries stream, topic and alert id. */
  readonly log: Logger
  /** Aborts when the call has passed its time limit or the process can wait no longer. */
  readonly signal: AbortSignal
}
