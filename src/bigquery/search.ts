import { AlertStreamsError } from '../contract/errors.ts'
import { type Column, columnAt } from './columns.ts'
import { type Cone, coneCondition } from './cone.ts'
import { type Parameter, parameter } from './parameters.ts'
import { type Statement, statementOf } from './statement.ts'
import type { Table } from './table-path.ts'

/** What is looked for in a table; all that is given must be true of a row. */
export interface Search {
  readonly object?: string | undefined
  /** Digits, or what else the table's ids of alerts are. */
  readonly alert?: string | undefined
  readonly cone?: Cone | undefined
  /** Paths, or `*`; left out: what a light curve needs, and all of a table that has none of it. */
  readonly columns?: readonly string[] | undefined
  /** The most rows. */
  readonly limit?: number | undefined
}

/** Where tables of ZTF, LSST and Gaia keep it; the first that a table has counts. */
const OBJECT = ['objectId', 'diaObject.diaObjectId', 'diaObjectId', 'source_id']
const ALERT = ['candid', 'diaSource.diaSourceId', 'diaSourceId']
const POSITION = ['candidate.', 'candidate_', 'diaSource.', '']
const TIME = ['candidate.jd', 'candidate_jd', 'diaSource.midpointMjdTai', 'jd']

/** Of ZTF and LSST, in nested and in flat tables. */
const USUAL = [
  ...['objectId', 'candid', 'diaObject.diaObjectId', 'diaSource.diaSourceId'],
  ...['jd', 'fid', 'magpsf', 'sigmapsf', 'diffmaglim', 'isdiffpos', 'ra', 'dec'].flatMap((name) => [
    `candidate.${name}`,
    `candidate_${name}`
  ]),
  ...['midpointMjdTai', 'band', 'psfFlux', 'psfFluxErr', 'ra', 'dec'].map((name) => `diaSource.${name}`)
]

/** Newest first, where the table has a time. Throws `CONFIG_INVALID` for what the table has no column for. */
export function searchStatement({ path, name }: Table, columns: readonly Column[], search: Search): Statement {
  const has = (column: string) => columnAt(columns, column) !== undefined
  const need = (what: string, places: readonly string[]): string => {
    const found = places.find(has)
    if (found !== undefined) return found
    throw new AlertStreamsError('CONFIG_INVALID', `${path} has no column for ${what}: none of ${places.join(', ')}`, {
      remedy: 'Name another table, or write the query yourself, in SQL.'
    })
  }
  const missing = search.columns?.filter((column) => column !== '*' && !has(column)) ?? []
  if (missing.length > 0) {
    throw new AlertStreamsError('CONFIG_INVALID', `${path} has no column ${missing.join(', ')}`, {
      remedy: `It has ${columns.map((column) => column.name).join(', ')}.`
    })
  }
  const conditions: string[] = []
  const parameters: Parameter[] = []
  const equal = (what: string, places: readonly string[], value: string | undefined) => {
    if (value === undefined) return
    const column = need(what, places)
    const isInteger = columnAt(columns, column)?.type === 'INTEGER'
    if (isInteger && !/^-?\d{1,19}$/.test(value)) {
      throw new AlertStreamsError('CONFIG_INVALID', `${path}: ${column} is a whole number, not ${value}`, {
        remedy: `Give all digits of the id, or look for it in a table where it is text, unlike ${name}.`
      })
    }
    conditions.push(`${quoted(column)} = @${what}`)
    parameters.push(parameter(what, isInteger ? 'INT64' : 'STRING', value))
  }
  equal('object', OBJECT, search.object)
  equal('alert', ALERT, search.alert)
  const position = POSITION.find((before) => has(`${before}ra`) && has(`${before}dec`))
  if (search.cone !== undefined) {
    const [ra, dec] = [need('ra', [`${position ?? 'candidate.'}ra`]), need('dec', [`${position ?? 'candidate.'}dec`])]
    const cone = coneCondition(search.cone, quoted(ra), quoted(dec))
    conditions.push(cone.sql)
    parameters.push(...cone.parameters)
  }
  const time = TIME.find(has)
  return statementOf({
    table: path,
    columns: search.columns?.includes('*') ? [] : (search.columns ?? usualOf(position, has)),
    sort: time === undefined ? [] : [`${time} DESC`],
    objectId: undefined,
    candid: undefined,
    where: conditions.length === 0 ? undefined : conditions.join(' AND '),
    parameters,
    maxResults: search.limit
  })
}

/** Empty: all. */
function usualOf(position: string | undefined, has: (column: string) => boolean): readonly string[] {
  return position === undefined || position === '' ? [] : USUAL.filter(has)
}

function quoted(path: string): string {
  return `t.${path
    .split('.')
    .map((part) => `\`${part}\``)
    .join('.')}`
}
