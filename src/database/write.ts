import { reasonOf } from '../contract/errors.ts'
import type { Rejection } from '../contract/sink.ts'
import type { Database } from './database.ts'
import { type TableName, tableNames, tableOf } from './tables.ts'
import type { Row } from './values.ts'

/** The rows of one message, and its index in the write. */
interface Numbered {
  readonly index: number
  readonly rows: readonly Row[]
}

/**
 * Writes messages in one transaction: all of their rows or, of a message with a row that is refused, none. Throws when
 * the database is at fault; the transaction is then the caller's to end.
 */
export async function writeMessages(
  db: Database,
  messages: readonly (readonly Row[])[]
): Promise<readonly Rejection[]> {
  const rejections: Rejection[] = []
  await db.begin('write')
  const all = messages.map((rows, index) => ({ index, rows }))
  await writePart(db, all, rejections)
  await db.execute('COMMIT')
  return rejections
}

/** At once if they can be; else halves, down to the one that is refused. */
async function writePart(db: Database, part: readonly Numbered[], rejections: Rejection[]): Promise<void> {
  await db.execute('SAVEPOINT part')
  try {
    for (const { table, columns, rows } of groupsOf(part)) await db.upsert(table, columns, rows)
    await db.execute('RELEASE SAVEPOINT part')
    return
  } catch (error) {
    if (!db.isAboutRow(error)) throw error
    await db.execute('ROLLBACK TO SAVEPOINT part')
    await db.execute('RELEASE SAVEPOINT part')
    if (part.length === 1) {
      rejections.push({ index: part[0]!.index, code: 'SINK_REJECTED', reason: reasonOf(error) })
      return
    }
  }
  const middle = part.length >> 1
  await writePart(db, part.slice(0, middle), rejections)
  await writePart(db, part.slice(middle), rejections)
}

interface Group {
  readonly table: TableName
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}

/** Rows of the same table and columns together, in the order of the tables. */
function groupsOf(part: readonly Numbered[]): readonly Group[] {
  const groups: Group[] = []
  const byTable = Map.groupBy(
    part.flatMap(({ rows }) => rows),
    ({ table }) => table
  )
  for (const table of tableNames) {
    // A later row with other columns must come later: rounds of rows whose keys differ.
    for (const round of roundsOf(table, byTable.get(table) ?? [])) {
      const byColumns = Map.groupBy(round, ({ columns }) => Object.keys(columns).join())
      for (const rows of byColumns.values()) groups.push({ table, columns: Object.keys(rows[0]!.columns), rows })
    }
  }
  return groups
}

/** Rows in rounds in which each key occurs once; of rows of one key and the same columns only the last is left. */
function roundsOf(table: TableName, rows: readonly Row[]): readonly (readonly Row[])[] {
  const { key, newestBy } = tableOf(table)
  const rounds: Map<string, Row>[] = []
  const turns = new Map<string, number>()
  for (const row of rows) {
    const text = JSON.stringify(key.map((column) => row.columns[column]))
    const turn = turns.get(text) ?? 0
    const same = rounds[turn]?.get(text)
    const place = same === undefined || sameColumns(same, row) ? turn : turn + 1
    rounds[place] ??= new Map()
    if (place !== turn || !isOlder(row, same, newestBy)) rounds[place].set(text, row)
    turns.set(text, place)
  }
  // Several processes that write the same objects must not wait for each other in a circle.
  if (table !== 'targets') return rounds.map((round) => [...round.values()])
  return rounds.map((round) => [...round.keys()].sort().map((text) => round.get(text)!))
}

function sameColumns(one: Row, other: Row): boolean {
  return Object.keys(one.columns).join() === Object.keys(other.columns).join()
}

function isOlder(row: Row, same: Row | undefined, newestBy: string | undefined): boolean {
  const [one, other] = [newestBy && row.columns[newestBy], newestBy && same?.columns[newestBy]]
  return typeof one === 'number' && typeof other === 'number' && one < other
}
