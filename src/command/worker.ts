import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { AlertStreamsError, type ErrorCode, reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import { isReady } from './answer.ts'
import { LastWords } from './last-words.ts'
import { Lines } from './lines.ts'
import { environment, type Program } from './program.ts'

/** Bytes of one answer. */
const LONGEST_ANSWER = 16 * 1024 * 1024
/** Milliseconds to end by itself, once there is nothing more to read; then as long again after SIGTERM. */
const GRACE = 3000
/** Milliseconds for what it wrote before it ended to arrive. */
const LAST_WORDS = 500
/** Milliseconds for the system to end what was killed. */
const KILLED = 5000

const TOO_LATE = 'Raise TIMEOUT of the route, or let the handler give up earlier.'

/** One process of a program: it is asked, one call at a time, until it fails or is closed. */
export class Worker {
  /** Resolves when it has said that it is ready; rejects when it could not, and is gone. */
  readonly ready: Promise<void>
  readonly #name: string
  readonly #child: ChildProcessWithoutNullStreams
  readonly #output = new Lines()
  readonly #lastWords: LastWords
  readonly #over = new AbortController()
  readonly #gone = Promise.withResolvers<AlertStreamsError>()
  /** What waits for the next line. */
  #expected: { take(line: Buffer): void; fail(error: Error): void } | undefined
  /** Why it is killed, or how it ended. */
  #cause: { readonly code: ErrorCode; readonly reason: string; readonly killed: boolean } | undefined

  constructor(program: Program, number: number, log: Logger) {
    const { name, file, args, folder, startTimeout } = program
    this.#name = `handler ${name}: worker ${number}`
    this.#lastWords = new LastWords((line) => log.info({ worker: number }, line))
    // A process group of its own: what it starts ends with it, and Ctrl-C at our terminal leaves it to us.
    this.#child = spawn(file, args, { cwd: folder, env: environment(), stdio: 'pipe', detached: true })
    this.#listen()
    this.ready = this.#next(startTimeout, 'write the line {"ready": true}', (line) => {
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
    const answer = this.#next(seconds, 'answer', read)
    this.#child.stdin.write(line)
    return answer
  }

  /** Lets it end; one that is at work is killed, since nobody wants its answer. */
  async close(): Promise<void> {
    if (this.#expected !== undefined) this.#end('HANDLER_FAILED', 'was killed: the process is stopping')
    this.#child.stdin.end()
    const timers = [
      setTimeout(() => this.#signal('SIGTERM'), GRACE),
      setTimeout(() => this.#end('HANDLER_FAILED', 'did not end by itself and was killed'), 2 * GRACE)
    ]
    await this.gone
    for (const timer of timers) clearTimeout(timer)
  }

  #next<T>(seconds: number, doing: string, read: (line: Buffer) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const late = () => this.#end('HANDLER_TIMEOUT', `did not ${doing} within ${seconds} s and was killed`)
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

  #listen(): void {
    const { stdin, stdout, stderr } = this.#child
    stdout.on('data', (chunk: Buffer) => this.#hear(chunk))
    stderr.on('data', (chunk: Buffer) => this.#lastWords.hear(chunk))
    // How it ended says more than that it does not read, and comes a little later.
    const deaf = () => this.#end('HANDLER_FAILED', 'does not read its standard input and was killed')
    stdin.on('error', () => setTimeout(deaf, LAST_WORDS).unref())
    this.#child.once('error', (error) => this.#exit(`could not be started: ${reasonOf(error)}`))
    this.#child.once('exit', (code, signal) =>
      this.#exit(signal ? `was ended by ${signal}` : `exited with code ${code}`)
    )
    this.#child.once('close', () => this.#settle())
  }

  #hear(chunk: Buffer): void {
    if (this.#cause?.killed) return
    const lines = this.#output.push(chunk)
    if (this.#expected === undefined) return this.#wrote('without having been asked', chunk)
    if (this.#output.unfinished > LONGEST_ANSWER) return this.#wrote('a line that is too long', chunk)
    if (lines.length === 0) return
    if (lines.length > 1 || this.#output.unfinished > 0) return this.#wrote('more than one line', chunk)
    try {
      this.#expected.take(lines[0]!)
      this.#expected = undefined
    } catch (error) {
      this.#wrote(`what is no answer (${reasonOf(error)})`, lines[0]!)
    }
  }

  #wrote(what: string, bytes: Buffer): void {
    this.#end('HANDLER_FAILED', `wrote ${what} and was killed: ${JSON.stringify(bytes.toString('utf8', 0, 200))}`)
  }

  /** Kills it, unless it ends already. */
  #end(code: ErrorCode, reason: string): void {
    if (this.#cause !== undefined) return
    this.#cause = { code, reason, killed: true }
    this.#over.abort()
    this.#signal('SIGKILL')
    setTimeout(() => this.#settle(), KILLED).unref()
  }

  /** It has ended; what it wrote may still be on its way. */
  #exit(reason: string): void {
    this.#signal('SIGKILL')
    this.#cause ??= { code: 'HANDLER_FAILED', reason, killed: false }
    this.#over.abort()
    setTimeout(() => this.#settle(), LAST_WORDS).unref()
  }

  #settle(): void {
    if (this.#cause === undefined) return
    for (const stream of this.#child.stdio) stream?.destroy()
    this.#lastWords.finish()
    const failure = this.#failure(this.#cause)
    this.#expected?.fail(failure)
    this.#expected = undefined
    this.#gone.resolve(failure)
  }

  #failure({ code, reason }: { readonly code: ErrorCode; readonly reason: string }): AlertStreamsError {
    const { shown, text } = this.#lastWords
    const said = shown === '' ? '' : `; it said last: ${shown}`
    const remedy = code === 'HANDLER_TIMEOUT' ? { remedy: TOO_LATE } : {}
    const failure = new AlertStreamsError(code, `${this.#name} ${reason}${said}`, remedy)
    if (text !== '') failure.stack = text
    return failure
  }

  /** To all that it started too. */
  #signal(signal: NodeJS.Signals): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, signal)
    } catch {
      // Nothing of it is left.
    }
  }
}
