import { AlertStreamsError } from '../contract/errors.ts'
import { type Parameter, parameter } from './parameters.ts'

/** A query, and the values that stand beside it. */
export interface Statement {
  readonly sql: string
  readonly parameters: readonly Parameter[]
}

export interface Wish {
  /** project.dataset.table */
  readonly table: string
  /** Paths, as candidate.jd; empty: all. */
  readonly columns: readonly string[]
  /** A path with ASC or DESC behind it, or with nothing. */
  readonly sort: readonly string[]
  readonly objectId: string | undefined
  /** Digits. */
  readonly candid: string | undefined
  /** A condition in BigQuery's SQL, with @name for each parameter. */
  readonly where: string | undefined
  readonly parameters: readonly Parameter[]
  readonly maxResults: number | undefined
}

/** Throws `CONFIG_INVALID`. No value of the wish gets into the text of the query: only names, which were checked. */
export function statementOf(wish: Wish): Statement {
  const { objectId, candid, where, maxResults } = wish
  if (objectId !== undefined && candid !== undefined) {
    throw new AlertStreamsError('CONFIG_INVALID', 'OBJECT_ID and CANDID are both given', {
      remedy: 'Keep one of them: a candid belongs to one object.'
    })
  }
  const conditions = [
    // A comment at its end must not swallow the bracket.
    ...(where === undefined ? [] : [`(${where}\n)`]),
    ...(objectId === undefined ? [] : ['t.objectId = @objectId']),
    ...(candid === undefined ? [] : ['t.candid = @candid'])
  ]
  const sql = [
    `SELECT ${selected(wish.columns)}`,
    `FROM \`${wish.table}\` AS t`,
    ...(conditions.length === 0 ? [] : [`WHERE ${conditions.join(' AND ')}`]),
    ...(wish.sort.length === 0 ? [] : [`ORDER BY ${wish.sort.map(sorted).join(', ')}`]),
    ...(maxResults === undefined ? [] : ['LIMIT @max_results'])
  ]
  const parameters = [
    ...wish.parameters,
    ...(objectId === undefined ? [] : [parameter('objectId', 'STRING', objectId)]),
    ...(candid === undefined ? [] : [parameter('candid', 'INT64', candid)]),
    ...(maxResults === undefined ? [] : [parameter('max_results', 'INT64', String(maxResults))])
  ]
  return { sql: sql.join('\n'), parameters }
}

/** Fields of a record stay in a record of that name, so that a row looks as the alert does. */
function selected(columns: readonly string[], above: readonly string[] = []): string {
  if (columns.length === 0) return '*'
  const paths = columns.map((column) => column.split('.'))
  const groups = Map.groupBy(paths, ([first]) => first ?? '')
  const parts = [...groups].map(([name, members]) => {
    const path = [...above, name]
    const inner = members.filter(({ length }) => length > 1).map(([, ...rest]) => rest.join('.'))
    const whole = inner.length < members.length
    return `${whole ? quoted(path) : `STRUCT(${selected(inner, path)})`} AS \`${name}\``
  })
  return parts.join(', ')
}

function quoted(path: readonly string[]): string {
  return `t.${path.map((name) => `\`${name}\``).join('.')}`
}

function sorted(item: string): string {
  const [path = '', direction = ''] = item.split(/\s+/)
  return `${quoted(path.split('.'))} ${direction.toUpperCase()}`.trim()
}
