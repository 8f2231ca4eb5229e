import type { Work } from './work.ts'

/** The works of one pipeline that were taken and are not settled. */
export class InFlight {
  readonly #works = new Set<Work>()
  #settledAll: (() => void) | undefined

  add(work: Work): void {
    this.#works.add(work)
  }

  delete(work: Work): void {
    this.#works.delete(work)
    if (this.#works.size === 0) this.#settledAll?.()
  }

  /** Resolves when everything taken is settled; when the process can wait no longer, the rest is given back. */
  async drained(abandon: AbortSignal): Promise<void> {
    if (this.#works.size > 0 && !abandon.aborted) {
      await new Promise<void>((resolve) => {
        this.#settledAll = resolve
        abandon.addEventListener('abort', () => resolve(), { once: true })
      })
      this.#settledAll = undefined
    }
    for (const work of this.#works) work.settle('givenBack')
  }
}
