import type { Config } from '../contract/config.ts'
import type { Logger } from '../contract/log.ts'
import {
  describe,
  type Marks,
  type OpenLetter,
  openLetters,
  placeOf,
  retry,
  type Shelf,
  type Ticket
} from '../dead-letters/index.ts'
import type { Account, Bucket } from '../pipeline/account.ts'
import { counted } from './check.ts'
import { exitCodes } from './exit-codes.ts'

/** What the subcommands of dlq work on. */
export interface Desk {
  readonly config: Config
  readonly shelves: readonly Shelf[]
  readonly marks: Marks
  readonly log: Logger
  readonly json: boolean
  /** Seconds without any progress after which a retry gives up. */
  readonly patience: number
  readonly say: (text: string) => void
}

export function refuse(text: string): number {
  process.stderr.write(`alertstreams dlq: ${text}\n`)
  return exitCodes.invalid
}

/** Those that are left, a line each. */
export async function list({ shelves, marks, say, json }: Desk): Promise<number> {
  let count = 0
  let above: Shelf | undefined
  for await (const open of openLetters(shelves, marks)) {
    count++
    if (json) {
      say(jsonOf(open))
      continue
    }
    if (open.shelf !== above) say(`${open.shelf.name} (${open.shelf.kind}):`)
    above = open.shelf
    say(`  ${lineOf(open)}`)
  }
  const unread = shelves.filter(({ letters }) => letters === undefined).map(({ name }) => name)
  const besides = unread.length === 0 ? '' : ` (not counted: ${unread.join(', ')})`
  if (!json) say(`${count === 0 ? 'no dead letters' : counted(count, 'dead letter')}${besides}`)
  return exitCodes.done
}

function jsonOf({ shelf, letter }: OpenLetter): string {
  const { number, message, stream, route, code, reason, attempts } = letter
  const { topic, id, publishedAt } = message
  return JSON.stringify({ sink: shelf.name, number, stream, topic, id, publishedAt, route, code, reason, attempts })
}

function lineOf({ letter }: OpenLetter): string {
  const { number, message, stream, code, reason } = letter
  const words = [number, message.publishedAt?.toISOString(), stream, message.topic, code, reason?.split('\n', 1)[0]]
  return words.filter((word) => word !== undefined).join('  ')
}

export async function show(desk: Desk, numbers: readonly string[]): Promise<number> {
  if (numbers.length === 0) return refuse('show which? Give its number, as ls shows it')
  const chosen = await choose(desk, numbers)
  if (chosen === undefined) return exitCodes.failed
  for await (const open of openLetters(desk.shelves, desk.marks)) {
    if (!chosen.delete(placeOf(open))) continue
    desk.say(`${open.shelf.name} ${open.letter.number}\n${await describe(open.letter, desk.config, desk.log)}\n`)
    if (chosen.size === 0) break
  }
  return exitCodes.done
}

/** Without numbers, all. */
export async function retryAll(desk: Desk, numbers: readonly string[]): Promise<number> {
  const chosen = await choose(desk, numbers)
  if (chosen === undefined) return exitCodes.failed
  let left = 0
  const account = await retry(chosen, {
    ...desk,
    tell({ letter }, outcome) {
      if (outcome === 'done') return desk.say(`${letter.number}  done`)
      left++
      const why = outcome === 'waiting' ? 'not done: given up' : `failed again: ${outcome.code}  ${outcome.reason}`
      desk.say(`${letter.number}  ${why}`)
    }
  })
  const counts = (['delivered', 'handled', 'filtered'] as const).map((bucket) => [total(account, bucket), bucket])
  const parts = [...counts.filter(([count]) => count !== 0), [left, 'left']].map((part) => part.join(' '))
  desk.say(`${counted(chosen.size, 'dead letter')}: ${parts.join(', ')}`)
  return left > 0 ? exitCodes.failed : exitCodes.done
}

function total({ streams }: Account, bucket: Bucket): number {
  const rows = Object.values(streams).flatMap(({ topics }) => Object.values(topics))
  return rows.reduce((sum, row) => sum + row[bucket], 0)
}

export async function drop(desk: Desk, numbers: readonly string[]): Promise<number> {
  if (numbers.length === 0) return refuse('drop which? Give its number, as ls shows it')
  const chosen = await choose(desk, numbers)
  if (chosen === undefined) return exitCodes.failed
  desk.marks.add([...chosen.values()], 'dropped')
  for (const { letter } of chosen.values()) desk.say(`${letter.number}  dropped`)
  return exitCodes.done
}

/** Those with these numbers, by their places; all if there are none. Undefined: something was wrong, and was said. */
async function choose({ shelves, marks }: Desk, numbers: readonly string[]): Promise<Map<string, Ticket> | undefined> {
  const chosen = new Map<string, Ticket>()
  const found = new Map<string, Shelf>()
  for await (const open of openLetters(shelves, marks)) {
    const { shelf } = open
    const { number, id, stream } = open.letter
    if (numbers.length > 0 && !numbers.includes(number)) continue
    const other = found.get(number)
    if (other !== undefined && numbers.length > 0) {
      refuse(`${number} is in ${other.name} and in ${shelf.name}: say which with --sink NAME`)
      return undefined
    }
    found.set(number, shelf)
    chosen.set(placeOf(open), { shelf, letter: { number, id, stream } })
  }
  const missing = numbers.filter((number) => !found.has(number))
  if (missing.length === 0) return chosen
  refuse(`there is no dead letter ${missing.join(', ')}; ls shows what there is`)
  return undefined
}
