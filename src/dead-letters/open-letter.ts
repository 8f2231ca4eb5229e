import type { DeadLetter } from '../contract/dead-letter.ts'
import type { Shelf } from './shelf.ts'

/** A dead letter without its message: there may be many. */
export interface Ticket {
  readonly shelf: Shelf
  readonly letter: Pick<DeadLetter, 'number' | 'id' | 'stream'>
}

/** A dead letter that was neither retried with success nor dropped. */
export interface OpenLetter extends Ticket {
  readonly letter: DeadLetter
}

/** Names it among those of all shelves. */
export function placeOf({ shelf, letter }: Ticket): string {
  return place(shelf.name, letter.id)
}

export function place(shelf: string, id: string): string {
  return JSON.stringify([shelf, id])
}
