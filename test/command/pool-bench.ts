import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Alert } from '../../src/contract/alert.ts'
import type { HandlerContext, HandlerResult } from '../../src/contract/handler.ts'
import type { Outgoing } from '../../src/contract/sink.ts'
import { Pool } from '../../src/command/pool.ts'
import type { Program } from '../../src/command/program.ts'
import { StreamAlert } from '../../src/pipeline/alert.ts'
import { codecOf } from '../../src/codecs/usual.ts'
import { RecordingLog } from '../contract/log.ts'
import { messageOf } from '../fakes/message.ts'

const PROGRAM = join(import.meta.dirname, 'programs/obedient.mjs')

/** A pool over a program that does what each alert says. `await using` closes it. */
export class PoolBench {
  readonly log = new RecordingLog()
  /** What the state was told, in its order. */
  readonly waits: (string | undefined)[] = []
  readonly pool: Pool
  #number = 0

  constructor(over: Partial<Program> & { readonly timeout?: number } = {}) {
    const { timeout = 20, ...program } = over
    const setup = { log: this.log, timeout, waiting: (reason?: string) => void this.waits.push(reason) }
    this.pool = new Pool(
      {
        name: 'node obedient.mjs',
        file: process.execPath,
        args: [PROGRAM],
        folder: import.meta.dirname,
        workers: 1,
        cutouts: false,
        strict: false,
        startTimeout: 20,
        ...program
      },
      setup
    )
  }

  /** What becomes of an alert that says what is to be done with it. */
  async call(what: string, more: object = {}): Promise<HandlerResult> {
    return this.handle(alertOf({ do: what, ...more }, this.#number++))
  }

  async handle(alert: Alert, options: Readonly<Record<string, unknown>> = {}): Promise<HandlerResult> {
    const context: HandlerContext = { options, log: this.log, signal: AbortSignal.any([]) }
    return this.pool.call(alert, context)
  }

  /** The value that is published for it, alone. */
  async value(what: string, more: object = {}): Promise<unknown> {
    const [only, ...others] = (await this.call(what, more)) as readonly Outgoing[]
    if (only === undefined || others.length > 0) throw new Error(`${others.length} others`)
    return only.value
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool.close()
  }
}

/** The arguments of a program that begins in its own way, and writes its pid to a file. */
export const startingWith = (...args: readonly string[]) => ({ args: [PROGRAM, ...args] })

export function alertOf(payload: unknown, number = 0): StreamAlert {
  return new StreamAlert(
    messageOf(number, { bytes: Buffer.from(JSON.stringify(payload)) }),
    'night',
    codecOf('json'),
    undefined
  )
}

/** True while a process is there that is no zombie. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch {
    return false
  }
}

/** Has ended, and nobody has asked how: the first process of a container may not. */
function isZombie(pid: number): boolean {
  const file = `/proc/${pid}/stat`
  return existsSync(file) && / Z /.test(readFileSync(file, 'utf8'))
}
