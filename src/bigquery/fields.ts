import { bytes, declare, type Field, integer, type OptionsOf, text } from '../contract/options.ts'
import { endpoint } from '../google/endpoint.ts'
import { accountFields } from '../google/fields.ts'
import { type Parameter, parameters } from './parameters.ts'
import type { Wish } from './statement.ts'
import { readTablePath, type Table, USUAL_TABLE } from './table-path.ts'

const PATH = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/

const table = declare<Table>('table', { type: 'string' }, (value) => {
  const path = readTablePath(String(value))
  return path === undefined ? { problem: 'expected dataset.table or project.dataset.table' } : { value: path }
})

function names(kind: string, fits: (item: string) => boolean, expected: string) {
  return declare<readonly string[]>(
    kind,
    { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
    (value) => {
      const items: readonly unknown[] = Array.isArray(value) ? value : [value]
      const all = items.filter((item) => typeof item === 'string' && fits(item)).map(String)
      return all.length === items.length ? { value: all } : { problem: `expected ${expected}` }
    }
  )
}

const columns = names('list', (item) => item === '*' || PATH.test(item), 'paths of columns, as candidate.jd, or *')
const sort = names(
  'list',
  (item) => /^\S+(\s+(ASC|DESC))?$/i.test(item) && PATH.test(item.split(/\s/)[0]!),
  'paths of columns with ASC or DESC behind them'
)

const digits = declare<string>('integer', { type: ['integer', 'string'] }, (value) =>
  /^\d{1,19}$/.test(String(value)) ? { value: String(value) } : { problem: 'expected a whole number' }
)

const condition = text(
  'A condition in the SQL of BigQuery, with @name for each of PARAMETERS, as in candidate.magpsf < @faint.'
)

/** Lower-case names are those of the form in tom_pittgoogle. */
export const databaseFields = {
  ...accountFields,
  ENDPOINT: endpoint('Another address of BigQuery: regional, private; default: https://bigquery.googleapis.com.'),
  TABLE: table("dataset.table of Pitt-Google's, or project.dataset.table; left out: ztf.alerts_v4_02.", {
    fallback: USUAL_TABLE
  }),
  COLUMNS: columns(
    'What is read, and paid for; * is everything. Left out, for ztf.*: objectId, candid, and jd, fid, magpsf, ra, dec, classtar of candidate; else everything.'
  ),
  OBJECT_ID: text('Only rows of this objectId.', { aliases: ['objectId'] }),
  CANDID: digits('Only the row of this candid.', { aliases: ['candid'] }),
  WHERE: {
    ...condition,
    read: (value) =>
      String(value).includes(';')
        ? { problem: 'holds a semicolon: it is one condition; texts go into PARAMETERS' }
        : condition.read(value)
  } satisfies Field<string | undefined>,
  PARAMETERS: parameters(
    'Values for WHERE by name: texts, numbers, flags, lists of them, or {TYPE: TIMESTAMP, VALUE: ...}. They never become a part of the query.',
    { fallback: [] as readonly Parameter[] }
  ),
  SORT: sort(
    'In what order the rows come, as candidate.jd DESC; left out, for ztf.alerts*: that; else in any, and MAX_RESULTS takes any.'
  ),
  MAX_RESULTS: integer('The most rows.', { aliases: ['max_results'] }),
  MAX_BYTES_BILLED: bytes(
    'The most that the query may read. Google gives the first TiB of a month, and then takes about 6.25 USD for one.',
    { fallback: 100e9 }
  )
}

export type DatabaseOptions = OptionsOf<typeof databaseFields>

const USUAL = [
  'objectId',
  'candid',
  ...['jd', 'fid', 'magpsf', 'ra', 'dec', 'classtar'].map((one) => `candidate.${one}`)
]

export function wishOf(options: DatabaseOptions): Wish {
  const { TABLE, COLUMNS, SORT } = options
  const usual = TABLE.name.startsWith('ztf.') ? USUAL : []
  const newestFirst = TABLE.name.startsWith('ztf.alerts') ? ['candidate.jd DESC'] : []
  return {
    table: TABLE.path,
    columns: COLUMNS?.includes('*') ? [] : (COLUMNS ?? usual),
    sort: SORT ?? newestFirst,
    objectId: options.OBJECT_ID,
    candid: options.CANDID,
    where: options.WHERE,
    parameters: options.PARAMETERS,
    maxResults: options.MAX_RESULTS
  }
}
