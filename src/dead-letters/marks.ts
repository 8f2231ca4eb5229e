import { closeSync, fdatasyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type OpenLetter, place, placeOf, type Ticket } from './open-letter.ts'
import type { Shelf } from './shelf.ts'

export type Done = 'retried' | 'dropped'

/**
 * Which dead letters are done with: lines in a file in STATE_DIR, appended and synced. A line that a crash has cut off
 * counts for nothing, so that its dead letter is there again.
 */
export class Marks {
  readonly #path: string
  readonly #done = new Set<string>()

  constructor(stateDir: string) {
    this.#path = join(stateDir, 'dead-letters-done.ndjson')
    for (const line of textOf(this.#path).split('\n')) {
      const mark = markOf(line)
      if (mark !== undefined) this.#done.add(mark)
    }
  }

  has(open: Ticket): boolean {
    return this.#done.has(placeOf(open))
  }

  /** On disk when it returns. */
  add(letters: readonly Ticket[], done: Done): void {
    if (letters.length === 0) return
    const at = new Date().toISOString()
    const lines = letters.map(({ shelf, letter }) => JSON.stringify({ sink: shelf.name, id: letter.id, done, at }))
    mkdirSync(dirname(this.#path), { recursive: true })
    const file = openSync(this.#path, 'a')
    try {
      // The first newline ends what a crash has left behind.
      writeSync(file, `\n${lines.join('\n')}\n`)
      fdatasyncSync(file)
    } finally {
      closeSync(file)
    }
    for (const open of letters) this.#done.add(placeOf(open))
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

function markOf(line: string): string | undefined {
  try {
    const { sink, id } = JSON.parse(line) as { sink?: unknown; id?: unknown }
    return typeof sink === 'string' && typeof id === 'string' ? place(sink, id) : undefined
  } catch {
    return undefined
  }
}

/** What lies on the shelves and is not done with. */
export async function* openLetters(shelves: readonly Shelf[], marks: Marks): AsyncGenerator<OpenLetter> {
  for (const shelf of shelves) {
    for await (const letter of shelf.letters?.() ?? []) {
      const open = { shelf, letter }
      if (!marks.has(open)) yield open
    }
  }
}
