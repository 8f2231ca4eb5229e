/**
 * Which offset of one partition may be committed while its messages finish out of order: only the contiguous prefix.
 * One tracker per ownership: when the partition is lost to another member it is `lost`, and its acks count for nothing.
 * An offset enters when the pipeline takes it, and a tracker never goes back.
 */
export class Tracker {
  readonly topic: string
  readonly partition: number
  /** `topic/partition`. */
  readonly lane: string
  /** The first offset that was not taken yet; -1 until the start is known. */
  next = -1
  /** What the group has committed, as far as we know. */
  committed = -1
  /** The newest offset that we asked to have committed; it may have got through unconfirmed. */
  requested = -1
  lost = false
  /** False after we joined as a new member, until the group has said that nobody else read on meanwhile. */
  verified = false
  /** Ends (exclusive) of what was taken, in order, from `#base` on. */
  #ends: number[] = []
  #done: boolean[] = []
  #head = 0
  #base = 0
  #prefix = -1

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
    this.lane = `${topic}/${partition}`
  }

  /** Where reading begins. */
  startAt(offset: number): void {
    this.next = offset
    this.#prefix = offset
  }

  /** Everything before this offset is done. */
  get prefix(): number {
    return this.#prefix
  }

  get unsettled(): number {
    return this.#ends.length - this.#head
  }

  /** The message at `offset` is on its way; gives the slot to finish it with. */
  take(offset: number): number {
    this.next = offset + 1
    this.#ends.push(offset + 1)
    this.#done.push(false)
    return this.#base + this.#ends.length - 1
  }

  /** Records that no message has (compacted, control records) up to `end`, exclusive. */
  skipTo(end: number): void {
    if (end <= this.next) return
    this.done(this.take(end - 1))
  }

  done(slot: number): void {
    this.#done[slot - this.#base] = true
    if (slot - this.#base !== this.#head) return
    while (this.#head < this.#ends.length && this.#done[this.#head]) {
      this.#prefix = this.#ends[this.#head]!
      this.#head++
    }
    if (this.#head === this.#ends.length || this.#head > 4096) this.#forget()
  }

  #forget(): void {
    this.#ends = this.#ends.slice(this.#head)
    this.#done = this.#done.slice(this.#head)
    this.#base += this.#head
    this.#head = 0
  }
}
