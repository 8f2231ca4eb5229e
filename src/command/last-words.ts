import { Lines } from './lines.ts'

/** Characters of a line that are kept; a longer one is cut. */
const LONGEST = 2000
/** Lines that are kept, for the reason of a failure. */
const MOST = 20
/** Lines that stand in the reason itself. */
const SHOWN = 3
/** Lines that are handed on, in so many milliseconds; of what is more only the end of each chunk (bytes) is looked at. */
const MOST_SAID = 2000
const WHILE_MS = 10_000
const GLANCE = 1024

/** What a process writes to its standard error: handed on line by line, the last of it remembered. */
export class LastWords {
  readonly #lines = new Lines()
  readonly #say: (line: string) => void
  #kept: string[] = []
  #since = 0
  #said = 0

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  /** False when it comes faster than anybody could read. */
  hear(chunk: Buffer): boolean {
    const now = performance.now()
    if (now - this.#since > WHILE_MS) {
      this.#since = now
      this.#said = 0
    }
    const calm = this.#said <= MOST_SAID
    if (!calm) this.#lines.take()
    for (const line of this.#lines.push(calm ? chunk : chunk.subarray(-GLANCE))) this.#add(line)
    if (this.#lines.unfinished > LONGEST * 4) this.#add(this.#lines.take())
    return calm
  }

  /** What it left without a newline. */
  finish(): void {
    if (this.#lines.unfinished > 0) this.#add(this.#lines.take())
  }

  /** Its last lines as one; empty where it said nothing. */
  get shown(): string {
    return this.#kept.slice(-SHOWN).join(' | ')
  }

  /** All that is kept. */
  get text(): string {
    return this.#kept.join('\n')
  }

  #add(bytes: Buffer): void {
    const line = bytes.toString().trimEnd()
    if (line === '') return
    const cut = line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
    this.#kept = [...this.#kept.slice(1 - MOST), cut]
    this.#said++
    if (this.#said <= MOST_SAID) this.#say(cut)
    else if (this.#said === MOST_SAID + 1)
      this.#say(`… more than ${MOST_SAID} lines in ${WHILE_MS / 1000} s; the others of these are left out`)
  }
}
