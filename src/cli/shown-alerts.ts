import { existsSync } from 'node:fs'
import { queryObject } from '../bigquery/object.ts'
import type { Codec } from '../contract/codec.ts'
import { messagesFrom, STDIN } from './inputs.ts'
import type { Given } from './message-options.ts'
import { valuesOf } from './records.ts'
import { UsageError } from './usage-error.ts'

export interface Wish {
  /** Which alert of several, from 1; `all`: all of them. */
  readonly number: number | 'all'
  readonly codec: Codec
  readonly given: Given
  readonly seconds: number
  readonly table: string | undefined
  readonly project: string | undefined
}

export interface Found {
  readonly payloads: readonly unknown[]
  /** How many there are to choose from. */
  readonly count: number
}

/** ZTF's name of an object, or the number that LSST has. */
const OBJECT = /^(ZTF\d\d[a-z]{7}|\d{8,19})$/

/** Alerts of a file, or of an object in a BigQuery table. Throws with the reason in words. */
export async function findAlerts(subject: string, wish: Wish): Promise<Found> {
  if (subject === STDIN || existsSync(subject)) return fromFile(subject, wish)
  if (!OBJECT.test(subject))
    throw new Error('there is no such file, and no object has such a name (ZTF17aaarzyp, or the number that LSST has)')
  if (wish.table === undefined && !subject.startsWith('ZTF')) {
    throw new UsageError(`${subject} is no file; for an object of LSST name its table, as in --table lsst.alerts_v10_0`)
  }
  const { table, project } = wish
  const rows = await queryObject(subject, { table, project })
  if (rows.length === 0)
    throw new Error(`there is no file of that name, and no such object in ${table ?? 'ztf.alerts_v4_02'}`)
  return { payloads: rows, count: 1 }
}

/** One that cannot be decoded matters only when it is asked for. */
async function fromFile(file: string, { number, codec, given, seconds }: Wish): Promise<Found> {
  const payloads: unknown[] = []
  let count = 0
  for await (const message of messagesFrom(file, given)) {
    try {
      for await (const value of valuesOf(codec, message, { fields: undefined, seconds })) {
        count++
        if (number === 'all' || number === count) payloads.push(value)
      }
    } catch (error) {
      if (number === 'all' || ++count === number) throw error
    }
  }
  if (payloads.length > 0) return { payloads, count: number === 'all' ? 1 : count }
  throw new Error(count === 0 ? 'there is no alert in it' : `it has ${count} alerts, and no number ${number}`)
}
