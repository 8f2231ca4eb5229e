import type { AvroType } from './schema.ts'
import { isMap } from './fit.ts'

/**
 * Whether a field of this type may have this default, as it stands in a schema's JSON: bytes are text of as many
 * characters, a value of a union is one of its first branch, and a record has all its fields: what is left to a field's
 * own default some strict readers cannot fill in.
 */
export function isDefault(type: AvroType, value: unknown): boolean {
  switch (type.kind) {
    case 'null':
      return value === null
    case 'boolean':
    case 'string':
      return typeof value === type.kind
    case 'int':
      return typeof value === 'number' && (value | 0) === value
    case 'long':
      return typeof value === 'bigint' || Number.isSafeInteger(value)
    case 'float':
    case 'double':
      return typeof value === 'number' || typeof value === 'bigint'
    case 'bytes':
      return isBytes(value)
    case 'fixed':
      return isBytes(value) && value.length === type.size
    case 'enum':
      return typeof value === 'string' && type.symbols.includes(value)
    case 'array':
      return Array.isArray(value) && value.every((item) => isDefault(type.items, item))
    case 'map':
      return isMap(value) && Object.values(value).every((item) => isDefault(type.items, item))
    case 'union':
      return type.branches[0] !== undefined && isDefault(type.branches[0], value)
    case 'record':
      return (
        isMap(value) &&
        type.fields.every(({ name, type }) => Object.hasOwn(value, name) && isDefault(type, value[name]))
      )
  }
}

function isBytes(value: unknown): value is string {
  return typeof value === 'string' && !/[^\p{ASCII}\u0080-\u00ff]/u.test(value)
}
