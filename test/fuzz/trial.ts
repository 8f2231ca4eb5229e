import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { CodecName } from '../../src/codecs/index.ts'
import type { Message } from '../../src/contract/alert.ts'
import { AlertStreamsError } from '../../src/contract/errors.ts'
import { harnesses } from '../harnesses/codecs.ts'
import { MOST_MB, MOST_MS, type Summary } from './summary.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Garbage of earlier messages that may lie about when one is decoded; less of it before a large one. */
const LITTER_MB = 16
const LARGE_MB = 0.25
const SHOWN = 20

/** Decodes one message after another by one codec, and takes note of what must not happen. */
export class Trial {
  readonly summary: Summary
  readonly #name: CodecName
  readonly #baseline: number

  constructor(name: CodecName) {
    this.#name = name
    for (const { message } of harnesses[name].golden) harnesses[name].codec.decode(message)
    collect()
    this.#baseline = usedMb()
    const counts = { decodes: 0, refused: 0, pastHeader: 0, mutations: 0 }
    this.summary = {
      codec: name,
      ...counts,
      slowestMs: 0,
      slowest: '',
      mostMb: 0,
      largest: '',
      problems: [],
      reasons: {}
    }
  }

  /** True where it was not refused. */
  decode(title: string, message: Message): boolean {
    const { summary } = this
    if (usedMb() - this.#baseline > (sizeMb(message) > LARGE_MB ? 1 : LITTER_MB)) {
      collect()
      // Buffers are let go of a little later.
      collect()
    }
    // What was left is not this one's, and its bytes are.
    const start = Math.min(usedMb() - sizeMb(message), this.#baseline + LITTER_MB)
    const before = process.threadCpuUsage()
    let reason: string | undefined
    try {
      harnesses[this.#name].codec.decode(message)
    } catch (error) {
      reason = String((error as Error)?.message)
      this.#judge(title, error)
    }
    const { user, system } = process.threadCpuUsage(before)
    this.#measure(title, (user + system) / 1000, usedMb() - start)
    summary.decodes++
    if (reason !== undefined) {
      summary.refused++
      const kind = reason.replaceAll(/\d+/g, '0').slice(0, 100)
      summary.reasons[kind] = (summary.reasons[kind] ?? 0) + 1
    }
    return reason === undefined
  }

  #judge(title: string, error: unknown): void {
    if (!(error instanceof AlertStreamsError)) this.#problem(title, `threw ${String(error).slice(0, 300)}`)
    else if (error.code !== 'DECODE_FAILED') this.#problem(title, `failed with ${error.code}: ${error.message}`)
    else if (error.message.length < 10) this.#problem(title, 'failed without a reason')
    else if (error.message.length > 1000)
      this.#problem(title, `failed with a reason of ${error.message.length} characters`)
    else if (overflowed(error)) this.#problem(title, `used up the stack: ${error.message}`)
  }

  #measure(title: string, ms: number, mb: number): void {
    const { summary } = this
    if (ms > summary.slowestMs) Object.assign(summary, { slowestMs: Math.round(ms), slowest: title })
    if (mb > summary.mostMb) Object.assign(summary, { mostMb: Math.round(mb), largest: title })
    if (ms > MOST_MS) this.#problem(title, `took ${Math.round(ms)} ms`)
    if (mb > MOST_MB) this.#problem(title, `took ${Math.round(mb)} MB`)
  }

  #problem(title: string, what: string): void {
    if (this.summary.problems.length < SHOWN) this.summary.problems.push(`${title} ${what}`)
  }
}

function sizeMb({ bytes, key }: Message): number {
  return ((bytes?.length ?? 0) + (key?.length ?? 0)) / 2 ** 20
}

function overflowed(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at instanceof RangeError && /call stack/.test(at.message)) return true
  return false
}

/** What `process.memoryUsage` calls heapUsed and external, without the time that it takes to ask for the rest. */
function usedMb(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics()
  return (heap + external) / 2 ** 20
}
