import type { Work } from './work.ts'

/** Starts on a work; a promise where it has to be waited for before the next of its lane may start. */
export type Step = (work: Work) => void | Promise<void>

interface Lane {
  readonly key: string | undefined
  waiting: Work[]
  busy: boolean
}

/**
 * How many works at once, and which must wait their turn: one at a time in a lane, at most `concurrency` lanes at work.
 * A work that its step finishes without waiting never leaves the caller's stack.
 */
export class Lanes {
  readonly #step: Step
  readonly #concurrency: number
  readonly #lanes = new Map<string, Lane>()
  /** Lanes that could go on if there were not so many at work. */
  #ready: Lane[] = []
  #active = 0

  constructor(concurrency: number, step: Step) {
    this.#concurrency = concurrency
    this.#step = step
  }

  /** Without a key a work waits for nobody. */
  enter(key: string | undefined, work: Work): void {
    const known = key === undefined ? undefined : this.#lanes.get(key)
    if (known === undefined && this.#active < this.#concurrency) {
      const pending = this.#step(work)
      if (pending !== undefined) this.#occupy({ key, waiting: [], busy: true }, pending)
      return
    }
    const lane = known ?? { key, waiting: [], busy: false }
    lane.waiting.push(work)
    if (known !== undefined) return
    if (key !== undefined) this.#lanes.set(key, lane)
    this.#ready.push(lane)
  }

  #occupy(lane: Lane, pending: Promise<void>): void {
    this.#active++
    if (lane.key !== undefined) this.#lanes.set(lane.key, lane)
    pending.then(() => this.#continue(lane))
  }

  #continue(lane: Lane): void {
    // A lane that never empties lets the others have their turn.
    if (this.#ready.length > 0 && lane.waiting.length > 0) this.#ready.push(lane)
    else if (!this.#advance(lane)) return
    this.#active--
    while (this.#active < this.#concurrency && this.#ready.length > 0) {
      const next = this.#ready.shift()!
      this.#active++
      next.busy = true
      if (this.#advance(next)) this.#active--
    }
  }

  /** Works through what waits in a lane; true when it is empty, false when it has to wait. */
  #advance(lane: Lane): boolean {
    for (let index = 0; index < lane.waiting.length; index++) {
      const pending = this.#step(lane.waiting[index]!)
      if (pending === undefined) continue
      lane.waiting = lane.waiting.slice(index + 1)
      pending.then(() => this.#continue(lane))
      return false
    }
    if (lane.key !== undefined) this.#lanes.delete(lane.key)
    return true
  }
}
