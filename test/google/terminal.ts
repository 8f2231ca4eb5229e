import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Python has pseudo terminals, Node has none. */
const PTY = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)'

/** The program, as a person at a terminal has it. */
export class Terminal {
  /** All that stood on the screen so far. */
  screen = ''
  readonly #child: ChildProcessWithoutNullStreams
  readonly #exit: Promise<unknown[]>

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    const bin = join(import.meta.dirname, '../../bin/alertstreams.js')
    const command = [process.execPath, bin, ...args]
    this.#child = spawn(process.env.PYTHON ?? 'python3', ['-c', PTY, ...command], { env: { ...process.env, ...env } })
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.on('data', (data) => (this.screen += data))
    this.#exit = once(this.#child, 'close')
  }

  /** The first match on the screen; waits for it. */
  async find(pattern: RegExp): Promise<string> {
    for (const deadline = Date.now() + 20_000; ; ) {
      const found = pattern.exec(this.screen)?.[0]
      if (found !== undefined) return found
      if (Date.now() > deadline || this.#child.exitCode !== null) throw new Error(`not on the screen:\n${this.screen}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Types or pastes a line. */
  enter(line: string): void {
    this.#child.stdin.write(`${line}\n`)
  }

  async exitCode(): Promise<unknown> {
    return (await this.#exit)[0]
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }
}
