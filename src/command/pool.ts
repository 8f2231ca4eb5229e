import { setTimeout as delay } from 'node:timers/promises'
import { AlertStreamsError, adviceOf, reasonOf } from '../contract/errors.ts'
import type { Handler, HandlerSetup, OpenHandler } from '../contract/handler.ts'
import { type Answer, readAnswer } from './answer.ts'
import { Call, Calls } from './calls.ts'
import type { Program } from './program.ts'
import { requestLine } from './request.ts'
import { Worker } from './worker.ts'

/** Seconds before a program is started again that has not answered since it was started last. */
const FIRST_PAUSE = 1
const LONGEST_PAUSE = 30

/**
 * Processes of one program, each with one call at a time, each started again when it ends. A failure concerns the one
 * call that its process had; while none can be started, calls wait.
 */
export class Pool implements OpenHandler {
  readonly keepsTime = true
  readonly #program: Program
  readonly #setup: HandlerSetup
  readonly #calls = new Calls()
  readonly #closing = new AbortController()
  /** Why those cannot be started that cannot. */
  readonly #broken = new Map<number, string>()
  readonly #running: readonly Promise<void>[]
  #count = 0

  constructor(program: Program, setup: HandlerSetup) {
    this.#program = program
    this.#setup = setup
    this.#running = Array.from({ length: program.workers }, (_, index) => this.#keep(index + 1))
  }

  readonly call: Handler = (alert, { options }) => {
    const number = ++this.#count
    const call = new Call(number, alert, requestLine(number, alert, options, this.#program))
    this.#calls.add(call)
    return call.result
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#running)
    this.#setup.waiting(undefined)
  }

  /** One worker after another, until the pool is closed. */
  async #keep(number: number): Promise<void> {
    for (let fruitless = 0; !this.#closing.signal.aborted; ) {
      const answered = await this.#employ(number, fruitless)
      fruitless = answered ? 0 : fruitless + 1
      if (!answered) await this.#sleep(pauseAfter(fruitless))
    }
  }

  /** The life of one worker; true when it has answered. `fruitless`: those before it that have not. */
  async #employ(number: number, fruitless: number): Promise<boolean> {
    const { log } = this.#setup
    const closing = this.#closing.signal
    let worker: Worker | undefined
    const close = () => worker?.close()
    closing.addEventListener('abort', close)
    try {
      worker = new Worker(this.#program, number, log)
      await worker.ready
      this.#say(number, undefined)
      const answered = await this.#serve(worker, AbortSignal.any([worker.over, closing]))
      const { message } = await worker.gone
      if (!closing.aborted) log.warn({ worker: number }, `${message}; starting it again`)
      return answered
    } catch (error) {
      if (!closing.aborted) this.#say(number, error, fruitless)
      return false
    } finally {
      closing.removeEventListener('abort', close)
    }
  }

  /** Asks a worker one call after the other, until it is over. */
  async #serve(worker: Worker, over: AbortSignal): Promise<boolean> {
    let answered = false
    for (let call = await this.#calls.next(over); call !== undefined; call = await this.#calls.next(over)) {
      const { number, alert, line } = call
      try {
        const answer = await worker.ask(line, this.#setup.timeout, (bytes) => readAnswer(bytes, number, alert))
        answered = true
        if ('error' in answer) call.fail(this.#reported(answer))
        else call.settle(answer.result)
      } catch (error) {
        call.fail(error)
      }
    }
    return answered
  }

  /** An error that the program told of itself. */
  #reported({ error, traceback }: Extract<Answer, { error: string }>): AlertStreamsError {
    const failure = new AlertStreamsError('HANDLER_FAILED', `handler ${this.#program.name}: ${error}`)
    if (traceback !== undefined) failure.stack = traceback
    return failure
  }

  /** What keeps a worker from being started; undefined: it has started. */
  #say(number: number, error: unknown, fruitless = 0): void {
    const { log, waiting } = this.#setup
    const broken = this.#broken
    if (error === undefined) {
      if (broken.delete(number))
        log.info({ worker: number }, `handler ${this.#program.name}: worker ${number} is ready`)
    } else {
      broken.set(number, reasonOf(error))
      const pause = pauseAfter(fruitless + 1)
      const text = `${adviceOf(error)} Starting it again in ${pause} s; its alerts wait, nothing is lost.`
      // Once loudly, then now and then.
      log[fruitless % 10 === 0 ? 'error' : 'debug']({ worker: number, attempt: fruitless + 1 }, text)
    }
    waiting(broken.size === this.#program.workers ? broken.values().next().value : undefined)
  }

  async #sleep(seconds: number): Promise<void> {
    await delay(seconds * 1000, undefined, { signal: this.#closing.signal }).catch(() => undefined)
  }
}

/** Seconds, when so many lives in a row have brought no answer. */
function pauseAfter(fruitless: number): number {
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (fruitless - 1))
}
