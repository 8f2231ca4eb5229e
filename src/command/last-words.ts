import { Lines } from './lines.ts'

/** Characters of a line that are kept; a longer one is cut. */
const LONGEST = 2000
/** Lines that are kept, for the reason of a failure. */
const MOST = 20
/** Lines that stand in the reason itself. */
const SHOWN = 3

/** What a process writes to its standard error: handed on line by line, the last of it remembered. */
export class LastWords {
  readonly #lines = new Lines()
  readonly #say: (line: string) => void
  #kept: string[] = []

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  hear(chunk: Buffer): void {
    for (const line of this.#lines.push(chunk)) this.#add(line)
    if (this.#lines.unfinished > LONGEST * 4) this.#add(this.#lines.take())
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
    this.#say(cut)
  }
}
