const MINUTE = 60_000

/** How evenly messages came: times are milliseconds since 1970. */
export class Pace {
  /** The most messages in one minute of the clock. */
  peak = 0
  /** The longest time without a message, milliseconds. */
  silence = 0
  #minute = 0
  #count = 0
  #last: number

  constructor(begin: number) {
    this.#last = begin
  }

  came(now: number): void {
    const minute = Math.floor(now / MINUTE)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#count = 0
    }
    if (++this.#count > this.peak) this.peak = this.#count
    this.rest(now)
  }

  /** Nothing is expected from here on. */
  rest(now: number): void {
    if (now - this.#last > this.silence) this.silence = now - this.#last
    this.#last = now
  }
}
