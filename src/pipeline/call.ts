import { AlertStreamsError, codeOf, reasonOf } from '../contract/errors.ts'
import type { HandlerContext, HandlerResult, OpenHandler } from '../contract/handler.ts'
import type { Logger } from '../contract/log.ts'
import type { Route } from '../contract/route.ts'
import { backoff, sleep } from './retry.ts'
import type { Work } from './work.ts'

/** What became of the handler calls for one alert. */
export type Called =
  /** `failed`: calls before it that failed. */
  | { readonly result: HandlerResult; readonly failed?: number }
  | { readonly error: unknown; readonly attempts: number }
  /** The process could wait no longer. */
  | undefined

/** Longest pause between two calls for the same alert, in seconds. */
const LONGEST_PAUSE = 60

/** Calls the handler; a promise only where the handler gave one or has to be called again. */
export function callHandler(
  work: Work,
  handler: OpenHandler,
  route: Route,
  log: Logger,
  abandon: AbortSignal
): Called | Promise<Called> {
  const call = new Call(work, handler, route, log, abandon)
  try {
    const result = call.start()
    if (!(result instanceof Promise)) return { result }
    return call.finish(result).then(
      (value) => ({ result: value }),
      (error) => callAgain(call, error, abandon)
    )
  } catch (error) {
    return callAgain(call, error, abandon)
  }
}

async function callAgain(call: Call, first: unknown, abandon: AbortSignal): Promise<Called> {
  let error = first
  const { attempts, backoff: pause } = call.route.retry
  for (let attempt = 1; ; attempt++) {
    // Cut off is not failed.
    if (abandon.aborted) return undefined
    // A payload that cannot be decoded will not be next time either.
    if (attempt >= attempts || codeOf(error, 'HANDLER_FAILED') === 'DECODE_FAILED') return { error, attempts: attempt }
    await sleep(backoff(attempt, pause, LONGEST_PAUSE), abandon)
    if (abandon.aborted) return undefined
    try {
      const again = new Call(call.work, call.handler, call.route, call.log, abandon)
      return { result: await again.finish(again.start()), failed: attempt }
    } catch (next) {
      error = next
    }
  }
}

/** One call of the handler, and what it is given beside the alert. */
class Call implements HandlerContext {
  readonly work: Work
  readonly handler: OpenHandler
  readonly route: Route
  readonly #streamLog: Logger
  readonly #abandon: AbortSignal
  #log: Logger | undefined
  #controller: AbortController | undefined

  constructor(work: Work, handler: OpenHandler, route: Route, log: Logger, abandon: AbortSignal) {
    this.work = work
    this.handler = handler
    this.route = route
    this.#streamLog = log
    this.#abandon = abandon
  }

  get options() {
    return this.route.options
  }

  /** Made when it is asked for: most handlers log little. */
  get log(): Logger {
    const { topic, id } = this.work.message
    this.#log ??= this.#streamLog.child({ topic, alert: id })
    return this.#log
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    return AbortSignal.any([this.#controller.signal, this.#abandon])
  }

  start(): HandlerResult | Promise<HandlerResult> {
    return this.handler.call(this.work.alert, this)
  }

  async finish(result: HandlerResult | Promise<HandlerResult>): Promise<HandlerResult> {
    if (!(result instanceof Promise)) return result
    const { timeout, handler } = this.route
    let timer: NodeJS.Timeout | undefined
    let stop: (() => void) | undefined
    const limit = new Promise<never>((_, reject) => {
      const late = () =>
        reject(
          new AlertStreamsError('HANDLER_TIMEOUT', `handler ${handler!.name} did not settle within ${timeout} s`, {
            remedy: 'Raise TIMEOUT of the route, or let the handler give up earlier (context.signal).'
          })
        )
      if (!this.handler.keepsTime) timer = setTimeout(late, timeout * 1000)
      stop = () => reject(new Error('the process is stopping'))
      this.#abandon.addEventListener('abort', stop, { once: true })
    })
    try {
      return await Promise.race([result, limit])
    } finally {
      clearTimeout(timer)
      this.#abandon.removeEventListener('abort', stop!)
      this.#controller?.abort()
    }
  }
}

/** The failure of a handler as a code and a reason. */
export function handlerError(error: unknown, route: Route): AlertStreamsError {
  if (error instanceof AlertStreamsError) return error
  return new AlertStreamsError('HANDLER_FAILED', `handler ${route.handler?.name}: ${reasonOf(error)}`, { cause: error })
}
