import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import type { SinkAccount, StreamAccount } from '../../src/pipeline/account.ts'

export const root = join(import.meta.dirname, '../..')
const bin = join(root, 'bin/alertstreams.js')

/** A line of the log, as it is written where there is no terminal. */
export interface LogLine {
  /** As pino numbers them: 20 debug, 30 info, 40 warn, 50 error. */
  readonly level: number
  readonly msg: string
  readonly code?: string
  readonly stream?: string
  readonly sink?: string
  /** Of several processes; the parent says with it the pid of each that it starts. */
  readonly member?: number
  readonly pid?: number
}

/** What `--account` writes. */
export interface AccountFile {
  readonly balanced: boolean
  /** With `--processes N`: N, and the lives that ended without an account. */
  readonly members?: number
  readonly missing?: readonly string[]
  readonly streams: Readonly<Record<string, StreamAccount>>
  readonly sinks: Readonly<Record<string, SinkAccount>>
}

interface StartOptions {
  /** In place of `run alertstreams.yaml --account account.json`. */
  readonly args?: readonly string[]
  /** Beside PATH; nothing else of our own environment is passed on. */
  readonly env?: Readonly<Record<string, string>>
}

/** A folder with a configuration, in which the program lives once or several times. `await using` ends and deletes all. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'alertstreams-end-to-end-'))
  readonly #programs: Program[] = []

  constructor(config: object, files: Readonly<Record<string, string>> = {}) {
    this.configure(config)
    for (const [name, text] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
      writeFileSync(join(this.folder, name), text)
    }
  }

  configure(config: object): void {
    writeFileSync(join(this.folder, 'alertstreams.yaml'), stringify(config))
  }

  /** One life of the program. */
  start({ args = ['run', 'alertstreams.yaml', '--account', 'account.json'], env = {} }: StartOptions = {}): Program {
    const program = new Program(args, this.folder, env)
    this.#programs.push(program)
    return program
  }

  /** Of the last life that has ended. */
  account(): AccountFile {
    return JSON.parse(this.read('account.json'))
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8')
  }

  /** Everything that the program has said, and the account. */
  everything(): string {
    const account = existsSync(join(this.folder, 'account.json')) ? [this.read('account.json')] : []
    return [...this.#programs.map(({ output }) => output), ...account].join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs) await program.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** The program as a child process, by its command line. */
export class Program {
  /** Standard output and standard error. */
  output = ''
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #started = Date.now()

  constructor(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>) {
    const own = { PATH: process.env.PATH, METADATA_SERVER_DETECTION: 'none', ...env }
    this.#child = spawn(process.execPath, [bin, ...args], { cwd, env: own, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.stdout?.on('data', (data) => (this.output += data))
    this.#child.stderr?.on('data', (data) => (this.output += data))
    this.#exited = once(this.#child, 'close')
  }

  /** Milliseconds since the start. */
  get age(): number {
    return Date.now() - this.#started
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  get lines(): LogLine[] {
    return this.output.split('\n').flatMap((line) => (line.startsWith('{"level"') ? [JSON.parse(line) as LogLine] : []))
  }

  /** The first line that has these fields, and whose text matches. */
  async line(text: RegExp, fields: Partial<LogLine> = {}, seconds = 30): Promise<LogLine> {
    const wanted = Object.entries(fields)
    const fits = (line: LogLine) =>
      text.test(line.msg) && wanted.every(([name, value]) => line[name as keyof LogLine] === value)
    let found: LogLine | undefined
    const look = () => {
      const { running } = this
      found = this.lines.find(fits)
      if (found === undefined && !running) throw new Error(`the program ended without saying ${text}:\n${this.output}`)
      return found !== undefined
    }
    await until(look, `the program to say ${text}`, seconds, () => this.output)
    return found!
  }

  signal(signal: 'SIGTERM' | 'SIGINT' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal)
  }

  /** The exit code, once it has ended by itself. */
  async end(seconds = 30): Promise<number | null> {
    await until(
      () => !this.running,
      'the program to end',
      seconds,
      () => this.output
    )
    await this.#exited
    return this.#child.exitCode
  }

  async kill(): Promise<void> {
    if (this.running) this.#child.kill('SIGKILL')
    await this.#exited
  }
}

/** Asks every 50 ms until the answer is true. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  seconds = 30,
  more = () => ''
): Promise<void> {
  const deadline = Date.now() + seconds * 1000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what}\n${more()}`)
    await sleep(50)
  }
}
