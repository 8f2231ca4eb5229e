import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Sample } from './measure.ts'

export interface Versions {
  readonly python: string
  readonly fastavro: string
  /** Of each packet, all digits. */
  readonly candids: readonly string[]
}

/** fastavro in a Python process of its own, which is idle until it is asked. `await using` ends it. */
export class Fastavro {
  readonly #child
  readonly #answers

  constructor(python: string, packets: readonly string[]) {
    const worker = join(import.meta.dirname, 'fastavro_worker.py')
    this.#child = spawn(python, [worker, ...packets], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#answers = createInterface(this.#child.stdout)[Symbol.asyncIterator]()
  }

  versions(): Promise<Versions> {
    return this.#answer<Versions>()
  }

  measure(seconds: number): Promise<Sample> {
    this.#child.stdin.write(`${seconds}\n`)
    return this.#answer<Sample>()
  }

  async #answer<Answer>(): Promise<Answer> {
    const { value, done } = await this.#answers.next()
    if (done) throw new Error('the Python process has ended')
    return JSON.parse(value) as Answer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return
    this.#child.stdin.end()
    await once(this.#child, 'close')
  }
}
