import type { Alert } from '../contract/alert.ts'
import type { HandlerResult } from '../contract/handler.ts'

/** A call that waits for a worker, or is with one. */
export class Call {
  readonly number: number
  readonly alert: Alert
  readonly line: string
  readonly #settled = Promise.withResolvers<HandlerResult>()

  constructor(number: number, alert: Alert, line: string) {
    this.number = number
    this.alert = alert
    this.line = line
  }

  get result(): Promise<HandlerResult> {
    return this.#settled.promise
  }

  settle(result: HandlerResult): void {
    this.#settled.resolve(result)
  }

  fail(error: unknown): void {
    this.#settled.reject(error)
  }
}

/** Calls in the order in which they came, for workers in the order in which they are free. */
export class Calls {
  readonly #waiting: Call[] = []
  readonly #idle: ((call: Call) => void)[] = []

  add(call: Call): void {
    const worker = this.#idle.shift()
    if (worker === undefined) this.#waiting.push(call)
    else worker(call)
  }

  /** Undefined when the signal aborts first. */
  async next(over: AbortSignal): Promise<Call | undefined> {
    if (over.aborted) return undefined
    if (this.#waiting.length > 0) return this.#waiting.shift()
    return new Promise((resolve) => {
      const leave = () => {
        this.#idle.splice(this.#idle.indexOf(take), 1)
        resolve(undefined)
      }
      const take = (call: Call) => {
        over.removeEventListener('abort', leave)
        resolve(call)
      }
      over.addEventListener('abort', leave, { once: true })
      this.#idle.push(take)
    })
  }
}
