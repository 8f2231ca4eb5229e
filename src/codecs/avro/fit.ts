import type { AvroType } from './schema.ts'

/** Whether the type can hold the value; `exactly` asks for each digit of a number, and all fields of a record. */
export function fits(type: AvroType, value: unknown, exactly = false): boolean {
  switch (type.kind) {
    case 'null':
      return value === null || value === undefined
    case 'boolean':
    case 'string':
      return typeof value === type.kind
    case 'int':
      return isInteger(value, exactly) && value >= -0x80000000 && value <= 0x7fffffff
    case 'long':
      return isInteger(value, exactly) && BigInt.asIntN(64, BigInt(value)) === BigInt(value)
    case 'float':
      return fitsDouble(value, exactly) && (!exactly || Object.is(Math.fround(Number(value)), value))
    case 'double':
      return fitsDouble(value, exactly)
    case 'bytes':
      return value instanceof Uint8Array
    case 'fixed':
      return value instanceof Uint8Array && value.length === type.size
    case 'enum':
      return typeof value === 'string' && type.symbols.includes(value)
    case 'array':
      return Array.isArray(value) && value.every((item) => fits(type.items, item, exactly))
    case 'map':
      return isMap(value) && Object.values(value).every((item) => item === undefined || fits(type.items, item, exactly))
    case 'union':
      return type.branches.some((branch) => fits(branch, value, exactly))
    case 'record':
      return isMap(value) && fitsRecord(type.fields, value, exactly)
  }
}

type Fields = Extract<AvroType, { kind: 'record' }>['fields']

function fitsRecord(fields: Fields, value: Record<string, unknown>, exactly: boolean): boolean {
  if (Object.keys(value).some((key) => value[key] !== undefined && !fields.some(({ name }) => name === key)))
    return false
  return fields.every(({ name, type, fallback }) => {
    const own = Object.hasOwn(value, name) ? value[name] : undefined
    return own === undefined ? !exactly && (fallback !== undefined || fits(type, null)) : fits(type, own, exactly)
  })
}

/** Integers have no -0, and a number beyond the safe ones is read back as one from a double only. */
function isInteger(value: unknown, exactly: boolean): value is number | bigint {
  if (typeof value === 'bigint') return true
  return exactly ? Number.isSafeInteger(value) && !Object.is(value, -0) : Number.isInteger(value)
}

/** A bigint is read back as one from a long only. */
function fitsDouble(value: unknown, exactly: boolean): boolean {
  return typeof value === 'number' || (!exactly && typeof value === 'bigint' && BigInt(Number(value)) === value)
}

/** A plain object, not a list, bytes or a date. */
export function isMap(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** How a value is named in an error. */
export function labelOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'number' || typeof value === 'bigint') return `the number ${value}`
  if (typeof value === 'string') return value.length > 40 ? 'text' : `the text ${JSON.stringify(value)}`
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? `a ${value.constructor?.name ?? 'map'}` : `a ${typeof value}`
}
