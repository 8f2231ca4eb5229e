import { type ChildProcess, spawn } from 'node:child_process'
import { reasonOf } from '../contract/errors.ts'
import { LastWords } from './last-words.ts'
import { environment, type Program } from './program.ts'

/** Milliseconds for what it wrote before it ended to arrive. */
const LAST_WORDS = 500
/** Milliseconds between two looks at what comes too fast. */
const REST = 20

interface Listener {
  /** It wrote to its standard output. */
  wrote(chunk: Buffer): void
  /** It wrote a line to its standard error. */
  said(line: string): void
  /** It does not read what it is given. */
  deaf(): void
  /** It has ended; what it wrote may still be on its way. */
  exited(how: string): void
  /** It has ended, and all that it wrote has come. */
  gone(): void
}

/**
 * A child process in a group of its own: what it starts ends with it, and Ctrl-C at our terminal leaves it to us. It sees
 * the end of its input when we end, however that comes.
 */
export class Process {
  readonly lastWords: LastWords
  /** Without pipes where this process may open no more files. */
  readonly #child: ChildProcess
  readonly #listener: Listener

  constructor({ file, args, folder }: Program, listener: Listener) {
    this.#listener = listener
    this.lastWords = new LastWords(listener.said)
    this.#child = spawn(file, args, { cwd: folder, env: environment(), stdio: 'pipe', detached: true })
    const { stdin, stdout, stderr } = this.#child
    stdout?.on('data', listener.wrote)
    stderr?.on('data', (chunk: Buffer) => {
      if (this.lastWords.hear(chunk)) return
      // One that writes without end shall not take all our time.
      stderr.pause()
      setTimeout(() => stderr.resume(), REST).unref()
    })
    // How it ended says more than that it does not read, and comes a little later.
    stdin?.on('error', () => setTimeout(listener.deaf, LAST_WORDS).unref())
    this.#child.once('error', (error) => this.#exit(`could not be started: ${reasonOf(error)}`))
    this.#child.once('exit', (code, signal) =>
      this.#exit(signal ? `was ended by ${signal}` : `exited with code ${code}`)
    )
    this.#child.once('close', () => this.#finish())
  }

  write(line: string): void {
    this.#child.stdin?.write(line)
  }

  /** There is nothing more to read. */
  endInput(): void {
    this.#child.stdin?.end()
  }

  /** To all that it started too. */
  signal(signal: NodeJS.Signals): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, signal)
    } catch {
      // Nothing of it is left.
    }
  }

  #exit(how: string): void {
    this.signal('SIGKILL')
    this.#listener.exited(how)
    // What it started may hold its outputs open.
    setTimeout(() => this.#finish(), LAST_WORDS).unref()
  }

  #finish(): void {
    for (const stream of this.#child.stdio ?? []) stream?.destroy()
    this.lastWords.finish()
    this.#listener.gone()
  }
}
