/**
 * Bytes that come in blocks, taken in pieces of any size. It holds what was asked for and at most one block more. When the
 * source throws, what came before can still be taken; then that is thrown.
 */
export class ByteReader {
  /** How many bytes were taken. */
  offset = 0
  readonly #blocks: AsyncIterator<Buffer>
  #held: Buffer = Buffer.alloc(0)
  #isOver = false
  #failure: unknown

  constructor(blocks: AsyncIterable<Buffer>) {
    this.#blocks = blocks[Symbol.asyncIterator]()
  }

  /** The next bytes without taking them: so many, or all where there are fewer. */
  async peek(count: number): Promise<Buffer> {
    const pieces = [this.#held]
    for (let length = this.#held.length; length < count && !this.#isOver; ) {
      const block = await this.#next()
      pieces.push(block)
      length += block.length
    }
    const some = pieces.filter(({ length }) => length > 0)
    this.#held = some.length === 1 ? some[0]! : Buffer.concat(some)
    if (this.#held.length === 0 && this.#failure !== undefined) throw this.#failure
    return this.#held.subarray(0, count)
  }

  /** So many bytes, or all where there are fewer. */
  async take(count: number): Promise<Buffer> {
    const taken = await this.peek(count)
    this.#held = this.#held.subarray(taken.length)
    this.offset += taken.length
    return taken
  }

  /** What has arrived, at most so much; empty at the end. */
  async some(most: number): Promise<Buffer> {
    const ready = await this.peek(1)
    return ready.length === 0 ? ready : this.take(Math.min(most, this.#held.length))
  }

  async isAtEnd(): Promise<boolean> {
    return (await this.peek(1)).length === 0
  }

  /** The next so many bytes, as they arrive; fewer where it ends before. */
  async *pieces(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      const piece = await this.some(left)
      if (piece.length === 0) return
      left -= piece.length
      yield piece
    }
  }

  async #next(): Promise<Buffer> {
    try {
      const { value, done } = await this.#blocks.next()
      if (!done) return value
    } catch (error) {
      this.#failure = error ?? new Error('unknown error')
    }
    this.#isOver = true
    return Buffer.alloc(0)
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    this.#isOver = true
    await this.#blocks.return?.()
  }
}
