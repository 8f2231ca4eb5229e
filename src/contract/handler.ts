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

/** What a route calls: opened before its stream is read, closed when all that was taken is settled. */
export interface RouteHandler {
  /** As people know it: what HANDLER says. */
  readonly name: string
  /** The most calls at once that it has a use for; undefined: as many as its route allows. */
  readonly concurrency?: number
  open(setup: HandlerSetup): OpenHandler
}

export interface OpenHandler {
  readonly call: Handler
  /** True where it ends calls that take longer than TIMEOUT by itself: time in which a call waits its turn is not counted. */
  readonly keepsTime?: boolean
  /** Lets go of what it holds; calls that have not settled are wanted by nobody. */
  close(): Promise<void>
}

/** What the runner gives a handler that is opened. */
export interface HandlerSetup {
  /** Already carries stream and route. */
  readonly log: Logger
  /** Seconds for one call. */
  readonly timeout: number
  /** Tells the state why calls have to wait; undefined: they wait no longer. */
  waiting(reason: string | undefined): void
}

/** A function, which needs neither opening nor closing. */
export function functionHandler(name: string, call: Handler): RouteHandler {
  return { name, open: () => ({ call, close: async () => {} }) }
}

export interface HandlerContext<Options = Readonly<Record<string, unknown>>> {
  /** The route's OPTIONS. */
  readonly options: Options
  /** Already carries stream, topic and alert id. */
  readonly log: Logger
  /** Aborts when the call has passed its time limit or the process can wait no longer. */
  readonly signal: AbortSignal
}
