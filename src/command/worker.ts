import { AlertStreamsError, type ErrorCode, reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import { isReady } from './answer.ts'
import { Lines } from './lines.ts'
import { Process } from './process.ts'
import type { Program } from './program.ts'

/** Bytes of one answer. */
const LONGEST_ANSWER = 16 * 1024 * 1024
/** Milliseconds to end by itself, once there is nothing more to read; then as long again after SIGTERM. */
const GRACE = 3000
/** Milliseconds for the system to end what was killed. */
const KILLED = 5000

const ANSWER = { doing: 'answer', remedy: 'Raise TIMEOUT of the route, or let the handler give up earlier.' }
const BEGIN = {
  doing: 'write the line {"ready": true}',
  remedy: 'Let it write that line when it can be asked (the module for Python does), or raise START_TIMEOUT.'
}

/** Why a process is killed, or how it ended. */
interface Cause {
  readonly code: ErrorCode
  readonly reason: string
  readonly killed: boolean
  readonly remedy?: string
}

/** One process of a program: it is asked, one call at a time, until it fails or is closed. */
export class Worker {
  /** Resolves when it has said that it is ready; rejects when it could not, and is gone. */
  readonly ready: Promise<void>
  readonly #name: string
  readonly #process: Process
  readonly #output = new Lines()
  readonly #over = new AbortController()
  readonly #gone = Promise.withResolvers<AlertStreamsError>()
  /** What waits for the next line. */
  #expected: { take(line: Buffer): void; fail(error: Error): void } | undefined
  #cause: Cause | undefined

  constructor(program: Program, number: number, log: Logger) {
    this.#name = `handler ${program.name}: worker ${number}`
    this.#process = new Process(program, {
      wrote: (chunk) => this.#hear(chunk),
      said: (line) => log.info({ worker: number }, line),
      deaf: () => this.#kill('HANDLER_FAILED', 'does not read its standard input and was killed'),
      exited: (how) => this.#end({ code: 'HANDLER_FAILED', reason: how, killed: false }),
      gone: () => this.#settle()
    })
    this.ready = this.#next(program.startTimeout, BEGIN, (line) => {
      if (!isReady(line)) throw new SyntaxError('it must begin with the line {"ready": true}')
    })
  }

  /** Aborts when it can be asked no more. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** Resolves when the process is gone, with how it ended. */
  get gone(): Promise<AlertStreamsError> {
    return this.#gone.promise
  }

  /** The answer to a line, by `read`, which throws on what is none. Rejects when the process had to end, and is gone. */
  ask<T>(line: string, seconds: number, read: (answer: Buffer) => T): Promise<T> {
    const answer = this.#next(seconds, ANSWER, read)
    this.#process.write(line)
    return answer
  }

  /** Lets it end; one that is at work is killed, since nobody wants its answer. */
  async close(): Promise<void> {
    if (this.#expected !== undefined) this.#kill('HANDLER_FAILED', 'was killed: the process is stopping')
    this.#process.endInput()
    const timers = [
      setTimeout(() => this.#process.signal('SIGTERM'), GRACE),
      setTimeout(() => this.#kill('HANDLER_FAILED', 'did not end by itself and was killed'), 2 * GRACE)
    ]
    await this.gone
    for (const timer of timers) clearTimeout(timer)
  }

  #next<T>(seconds: number, { doing, remedy }: typeof ANSWER, read: (line: Buffer) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const reason = `did not ${doing} within ${seconds} s and was killed`
      const late = () => this.#kill('HANDLER_TIMEOUT', reason, remedy)
      const limit = setTimeout(late, seconds * 1000)
      this.#expected = {
        take: (line) => {
          resolve(read(line))
          clearTimeout(limit)
        },
        fail: (error) => {
          reject(error)
          clearTimeout(limit)
        }
      }
    })
  }

  #hear(chunk: Buffer): void {
    if (this.#cause?.killed) return
    const lines = this.#output.push(chunk)
    if (this.#expected === undefined) return this.#refuse('without having been asked', chunk)
    if (this.#output.unfinished > LONGEST_ANSWER) return this.#refuse('a line that is too long', chunk)
    if (lines.length === 0) return
    if (lines.length > 1 || this.#output.unfinished > 0) return this.#refuse('more than one line', chunk)
    try {
      this.#expected.take(lines[0]!)
      this.#expected = undefined
    } catch (error) {
      this.#refuse(`what is no answer (${reasonOf(error)})`, lines[0]!)
    }
  }

  #refuse(what: string, bytes: Buffer): void {
    this.#kill('HANDLER_FAILED', `wrote ${what} and was killed: ${JSON.stringify(bytes.toString('utf8', 0, 200))}`)
  }

  #kill(code: ErrorCode, reason: string, remedy?: string): void {
    if (this.#cause !== undefined) return
    this.#end({ code, reason, killed: true, ...(remedy && { remedy }) })
    this.#process.signal('SIGKILL')
    setTimeout(() => this.#settle(), KILLED).unref()
  }

  /** The first cause counts. */
  #end(cause: Cause): void {
    this.#cause ??= cause
    this.#over.abort()
  }

  #settle(): void {
    const failure = this.#failure()
    this.#expected?.fail(failure)
    this.#expected = undefined
    this.#gone.resolve(failure)
  }

  #failure(): AlertStreamsError {
    const { code, reason, remedy } = this.#cause!
    const { shown, text } = this.#process.lastWords
    const said = shown === '' ? '' : `; it said last: ${shown}`
    const failure = new AlertStreamsError(code, `${this.#name} ${reason}${said}`, remedy ? { remedy } : {})
    if (text !== '') failure.stack = text
    return failure
  }
}
