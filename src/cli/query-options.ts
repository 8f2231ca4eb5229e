import type { Question } from '../bigquery/ask.ts'
import type { Cone } from '../bigquery/cone.ts'
import { UsageError } from './usage-error.ts'

const USUAL_LIMIT = 100

interface Given {
  readonly [name: string]: string | boolean | undefined
  readonly object?: string | undefined
  readonly candid?: string | undefined
  readonly cone?: string | undefined
  readonly sql?: string | undefined
  readonly table?: string | undefined
  readonly columns?: string | undefined
}

/** What the options ask for; `limit` 0 is all. Throws `UsageError`. */
export function readQuestion(given: Given, limit: number): Question {
  const { object, candid, cone, sql, table, columns } = given
  if (sql !== undefined) {
    const other = ['object', 'candid', 'cone', 'table', 'columns'].find((name) => given[name] !== undefined)
    if (other !== undefined) throw new UsageError(`--sql says all, and --${other} is given too`)
    return { sql }
  }
  if (object === undefined && candid === undefined && cone === undefined) {
    throw new UsageError('say what is looked for: --object, --candid, --cone or --sql')
  }
  return {
    object,
    alert: candid,
    cone: cone === undefined ? undefined : readCone(cone),
    table,
    columns: columns?.split(',').map((column) => column.trim()),
    limit: limit === 0 ? undefined : limit
  }
}

function readCone(text: string): Cone {
  const parts = text.split(/[,\s]+/)
  const [ra = Number.NaN, dec = Number.NaN, radius = Number.NaN] = parts.map((part) =>
    part === '' ? Number.NaN : +part
  )
  const isRight = parts.length === 3 && ra >= 0 && ra <= 360 && Math.abs(dec) <= 90 && radius > 0 && radius <= 648_000
  if (isRight) return { ra, dec, radius }
  throw new UsageError(
    `--cone must be RA,DEC,RADIUS: 0 to 360 degrees, -90 to 90 degrees, arcseconds, as in 97.889,-2.798,5, and is ${text}`
  )
}

/** The most rows; 0 is all. Throws `UsageError`. */
export function readLimit(text: string | undefined): number {
  if (text === undefined) return USUAL_LIMIT
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new UsageError(`--limit must be a whole number, and is ${text}`)
}

interface Readable<T> {
  read(value: unknown): { readonly value: T } | { readonly problem: string }
}

/** An option that is read as its like in YAML. Throws `UsageError`. */
export function readWith<T>(field: Readable<T>, name: string, text: string | undefined): T | undefined {
  if (text === undefined) return undefined
  const read = field.read(text)
  if ('problem' in read) throw new UsageError(`${name}: ${read.problem}`)
  return read.value
}
