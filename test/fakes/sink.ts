import { AlertStreamsError } from '../../src/contract/errors.ts'
import type { Outgoing, Placed, Rejection, Sink, Source } from '../../src/contract/sink.ts'

export interface MemoryPlaced extends Placed {
  readonly outgoing: Outgoing
  readonly source: Source
}

/** How a write goes: a throw is a fault of the target; nothing said, all is taken. */
export type Behaviour = (
  batch: readonly MemoryPlaced[],
  signal: AbortSignal
  // biome-ignore lint/suspicious/noConfusingVoidType: nothing said, all is taken
) => Promise<readonly Rejection[] | void> | readonly Rejection[] | void

/** The value that no target can take: `place` throws for it. */
export const UNPLACEABLE = Symbol('unplaceable')

/** A target in memory that remembers what it was given, and how it was treated. */
export class MemorySink implements Sink<MemoryPlaced> {
  behave: Behaviour
  readonly written: MemoryPlaced[] = []
  /** Two writes to one target at the same time: a breach of the contract. */
  overlaps = 0
  connects = 0
  closes = 0
  /** What `connect` rejects with, one after the other. */
  readonly refusals: Error[] = []
  readonly #writing = new Set<string>()

  constructor(behave: Behaviour = () => []) {
    this.behave = behave
  }

  async connect(): Promise<void> {
    this.connects++
    const refusal = this.refusals.shift()
    if (refusal) throw refusal
  }

  place(outgoing: Outgoing, source: Source): MemoryPlaced {
    if (outgoing.value === UNPLACEABLE) throw new AlertStreamsError('SINK_REJECTED', 'it cannot be placed')
    const bytes = outgoing.value instanceof Uint8Array ? outgoing.value.length : 10
    const extraBytes = outgoing.value === source.message.bytes ? 0 : bytes
    return { target: outgoing.topic ?? source.message.topic, bytes, extraBytes, outgoing, source }
  }

  async write(batch: readonly MemoryPlaced[], signal: AbortSignal): Promise<readonly Rejection[]> {
    const { target } = batch[0]!
    if (this.#writing.has(target)) this.overlaps++
    this.#writing.add(target)
    try {
      const aborted = new Promise<never>((_, reject) => {
        if (signal.aborted) reject(unavailable('stopped'))
        signal.addEventListener('abort', () => reject(unavailable('stopped')), { once: true })
      })
      aborted.catch(() => {})
      const rejections = (await Promise.race([this.behave(batch, signal), aborted])) ?? []
      const rejected = new Set(rejections.map(({ index }) => index))
      this.written.push(...batch.filter((_, index) => !rejected.has(index)))
      return rejections
    } finally {
      this.#writing.delete(target)
    }
  }

  async close(): Promise<void> {
    this.closes++
  }

  /** Ids of the source messages, in the order of writing. */
  ids(target?: string): string[] {
    const written = target === undefined ? this.written : this.written.filter((one) => one.target === target)
    return written.map(({ source }) => source.message.id)
  }
}

export function unavailable(what = 'the target is away'): AlertStreamsError {
  return new AlertStreamsError('SINK_UNAVAILABLE', what)
}
