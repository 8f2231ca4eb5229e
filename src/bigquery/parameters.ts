import { declare } from '../contract/options.ts'

/** A value beside the query, as BigQuery takes it. */
export interface Parameter {
  readonly name: string
  readonly parameterType: { readonly type: string; readonly arrayType?: { readonly type: string } }
  readonly parameterValue: Value
}

type Value = { readonly value: string } | { readonly arrayValues: readonly { readonly value: string }[] }

const TYPES = ['STRING', 'INT64', 'FLOAT64', 'BOOL', 'NUMERIC', 'TIMESTAMP', 'DATE', 'DATETIME', 'BYTES']

/** What the query itself is given: nobody else may use the names. */
export const OWN = ['objectId', 'candid', 'max_results']

export function parameter(name: string, type: string, value: string): Parameter {
  return { name, parameterType: { type }, parameterValue: { value } }
}

/** Values by name: texts, numbers, flags and lists of them, or `{TYPE: TIMESTAMP, VALUE: ...}`. */
export const parameters = declare<readonly Parameter[]>('map', { type: 'object' }, (given) => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return { problem: 'expected a map' }
  const all: Parameter[] = []
  for (const [name, value] of Object.entries(given)) {
    const read = readParameter(name, value)
    if (typeof read === 'string') return { problem: `${name} ${read}` }
    all.push(read)
  }
  return { value: all }
})

function readParameter(name: string, value: unknown): Parameter | string {
  if (!/^[A-Za-z_]\w*$/.test(name)) return 'is no name of a parameter: letters, digits and _'
  if (OWN.includes(name)) return 'is a name that the query uses itself'
  const typed = typeof value === 'object' && value !== null && 'VALUE' in value ? value : { VALUE: value }
  const items: readonly unknown[] = Array.isArray(typed.VALUE) ? typed.VALUE : [typed.VALUE]
  const type = 'TYPE' in typed ? String(typed.TYPE).toUpperCase() : commonType(items)
  if (type === undefined || !TYPES.includes(type))
    return `must be a text, a number, a flag, or have a TYPE of ${TYPES.join(', ')}`
  const values = items.map((item) => ({ value: String(item) }))
  if (!Array.isArray(typed.VALUE)) return { name, parameterType: { type }, parameterValue: values[0]! }
  return { name, parameterType: { type: 'ARRAY', arrayType: { type } }, parameterValue: { arrayValues: values } }
}

/** A list of 1 and 1.5 is one of FLOAT64. */
function commonType(items: readonly unknown[]): string | undefined {
  const types = new Set(items.map(typeOf))
  if (types.size === 2 && types.has('INT64') && types.has('FLOAT64')) return 'FLOAT64'
  return types.size === 1 ? [...types][0] : undefined
}

function typeOf(value: unknown): string | undefined {
  if (typeof value === 'string') return 'STRING'
  if (typeof value === 'boolean') return 'BOOL'
  if (typeof value === 'bigint') return 'INT64'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'INT64' : 'FLOAT64'
  return undefined
}
