import type { Placed } from '../contract/sink.ts'
import type { AlertStream } from '../contract/stream.ts'
import type { Work } from './work.ts'

/** The most that goes into one write. */
const MOST_MESSAGES = 10_000
const MOST_BYTES = 8 * 1024 * 1024

export interface Item {
  readonly work: Work
  readonly placed: Placed
  readonly dead: boolean
}

/** What waits for one ordered target. */
export class TargetQueue {
  items: Item[] = []
  writing = false
  /** Items whose stream does not know at the moment whether they are still its own; the others go on. */
  readonly #parked = new Map<AlertStream, Item[]>()
  readonly #returned: () => void

  /** `returned`: items that were parked wait in front again. */
  constructor(returned: () => void) {
    this.#returned = returned
  }

  get empty(): boolean {
    return this.items.length === 0 && this.#parked.size === 0
  }

  takeBatch(): Item[] {
    let bytes = 0
    let count = 0
    for (const { placed } of this.items) {
      if (count > 0 && (count >= MOST_MESSAGES || bytes + placed.bytes > MOST_BYTES)) break
      bytes += placed.bytes
      count++
    }
    if (count === this.items.length) {
      const all = this.items
      this.items = []
      return all
    }
    return this.items.splice(0, count)
  }

  /**
   * What may be written now: without what the source has taken away, which is given back, or may have taken away, which
   * is parked. The same array when that is all.
   */
  owned(items: Item[], giveBack: (work: Work) => void): Item[] {
    const held = new Map<AlertStream, Promise<void> | undefined>()
    let whole = true
    for (const { work } of items) {
      if (!held.has(work.origin)) held.set(work.origin, work.origin.held())
      if (work.delivery.stale || work.settled || held.get(work.origin) || this.#parked.has(work.origin)) whole = false
    }
    if (whole) return items
    return items.filter((item) => {
      const { work } = item
      const wait = held.get(work.origin)
      if (work.delivery.stale || work.settled) {
        giveBack(work)
        return false
      }
      if (wait === undefined && !this.#parked.has(work.origin)) return true
      this.#park(item, wait)
      return false
    })
  }

  #park(item: Item, wait: Promise<void> | undefined): void {
    const { origin } = item.work
    const parked = this.#parked.get(origin)
    if (parked !== undefined) {
      parked.push(item)
      return
    }
    const items = [item]
    this.#parked.set(origin, items)
    wait?.then(() => {
      this.#parked.delete(origin)
      this.items = [...items, ...this.items]
      this.#returned()
    })
  }
}
