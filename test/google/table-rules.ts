/** A column as a table's schema has it. */
export interface TableField {
  readonly name: string
  readonly type: string
  readonly mode?: string
  readonly fields?: readonly TableField[]
}

interface Misfit {
  readonly location: string
  readonly message: string
}

/** Why BigQuery does not take a row; undefined: it takes it. The texts are those that it gives, or like them. */
export function misfitOf(
  json: Readonly<Record<string, unknown>>,
  fields: readonly TableField[],
  above = ''
): Misfit | undefined {
  for (const name of Object.keys(json)) {
    if (fields.every((field) => field.name !== name))
      return { location: above + name, message: `no such field: ${above}${name}.` }
  }
  for (const field of fields) {
    const found = misfitAt(json[field.name], field, above + field.name)
    if (found !== undefined) return found
  }
  return undefined
}

function misfitAt(value: unknown, field: TableField, location: string): Misfit | undefined {
  if (field.mode === 'REPEATED') {
    if (value === undefined) return undefined
    if (!Array.isArray(value)) return { location, message: 'Field value must be an array.' }
    for (const item of value) {
      const found =
        item === null ? { location, message: 'Field value cannot be empty.' } : misfitOne(item, field, location)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (value === undefined || value === null) {
    return field.mode === 'REQUIRED' ? { location, message: `Missing required field: ${location}.` } : undefined
  }
  if (Array.isArray(value)) return { location, message: `Array specified for non-repeated field: ${location}.` }
  return misfitOne(value, field, location)
}

function misfitOne(value: unknown, { type, fields }: TableField, location: string): Misfit | undefined {
  if (type === 'RECORD') {
    if (typeof value === 'object' && value !== null) return misfitOf({ ...value }, fields ?? [], `${location}.`)
    return { location, message: 'This field: is not a record.' }
  }
  return fits(value, type)
    ? undefined
    : { location, message: `Cannot convert value to ${type.toLowerCase()} (bad value).` }
}

function fits(value: unknown, type: string): boolean {
  const text = typeof value === 'string' ? value : undefined
  switch (type) {
    case 'INTEGER':
      // As a JSON number a 64-bit integer has lost digits before it is read.
      return text === undefined ? Number.isSafeInteger(value) : /^-?\d+$/.test(text) && isLong(BigInt(text))
    case 'FLOAT':
      return typeof value === 'number' || /^(NaN|-?Infinity|-?[\d.]+(e[+-]?\d+)?)$/i.test(text ?? '')
    case 'BOOLEAN':
      return typeof value === 'boolean' || /^(true|false)$/.test(text ?? '')
    case 'BYTES':
      return text !== undefined && Buffer.from(text, 'base64').toString('base64') === text
    case 'TIMESTAMP':
      return text !== undefined && !Number.isNaN(Date.parse(text))
    case 'DATE':
      return /^\d{4}-\d\d-\d\d$/.test(text ?? '')
    case 'JSON':
      return text !== undefined && isJson(text)
    default:
      return text !== undefined
  }
}

function isLong(value: bigint): boolean {
  return value === BigInt.asIntN(64, value)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
