import { parseJson, stringifyJson } from '../json-text.ts'
import { isDefault } from './default.ts'
import { fullName, type AvroType, readSchema } from './schema.ts'

/** Of unions whose branches have another order than they had: the new index of each branch, by the old one. */
export type Reordered = ReadonlyMap<AvroType, readonly number[]>

export interface StrictSchema {
  /** Its JSON. */
  readonly text: Uint8Array
  readonly reordered: Reordered
  /** The full names of the fields whose defaults were wrong. */
  readonly fields: readonly string[]
}

type Json = Readonly<Record<string, unknown>>

/**
 * A schema as strict readers take it, of which `type` was made: a default must be a value of its field's type, and of the
 * first branch where that is a union. The branch that the default is of comes first; a default of no branch is left out.
 * Undefined: nothing is wrong.
 */
export function strictSchema(text: Uint8Array, type: AvroType): StrictSchema | undefined {
  const schema = parseJson(Buffer.from(text).toString())
  let mending = new Mending(true)
  let mended = mending.part(schema, type, '')
  if (mending.fields.length === 0) return undefined
  // A branch that came first may name a type that one behind it defines.
  if (!canBeRead(mended)) {
    mending = new Mending(false)
    mended = mending.part(schema, type, '')
  }
  const fields = new Set(mending.fields)
  for (;;) {
    // What was moved or left out may have been part of a record's default.
    const again = new Mending(false)
    mended = again.part(mended, readSchema(mended).type, '')
    if (again.fields.length === 0) break
    for (const field of again.fields) fields.add(field)
  }
  return { text: Buffer.from(stringifyJson(mended)), reordered: mending.reordered, fields: [...fields] }
}

function canBeRead(schema: unknown): boolean {
  try {
    readSchema(schema)
    return true
  } catch {
    return false
  }
}

class Mending {
  readonly fields: string[] = []
  readonly reordered = new Map<AvroType, readonly number[]>()
  readonly #mayReorder: boolean

  constructor(mayReorder: boolean) {
    this.#mayReorder = mayReorder
  }

  /** `type` is what the part was read as; what a name stands for is mended where it is defined. */
  part(part: unknown, type: AvroType, namespace: string): unknown {
    if (Array.isArray(part)) {
      return type.kind === 'union' ? part.map((branch, index) => this.part(branch, type.branches[index]!, namespace)) : part // biome-ignore format: one line
    }
    if (!isMap(part)) return part
    if (Array.isArray(part.fields) && type.kind === 'record') {
      const inner = type.name.slice(0, Math.max(0, type.name.lastIndexOf('.')))
      const fields = part.fields.map((field: unknown, index) => {
        const own = type.fields[index]!
        return isMap(field) ? this.#field(field, own.type, fullName(own.name, type.name), inner) : field
      })
      return { ...part, fields }
    }
    if (type.kind === 'array' && part.type === 'array') return { ...part, items: this.part(part.items, type.items, namespace) } // biome-ignore format: one line
    if (type.kind === 'map' && part.type === 'map') return { ...part, values: this.part(part.values, type.items, namespace) } // biome-ignore format: one line
    return typeof part.type === 'string' ? part : { ...part, type: this.part(part.type, type, namespace) }
  }

  #field(field: Json, type: AvroType, name: string, namespace: string): Json {
    const mended = { ...field, type: this.part(field.type, type, namespace) }
    if (!('default' in field)) return mended
    const branches = type.kind === 'union' ? type.branches : [type]
    const first = branches.findIndex((branch) => isDefault(branch, field.default))
    if (first === 0) return mended
    this.fields.push(name)
    if (first < 0 || !this.#mayReorder || !Array.isArray(mended.type)) {
      const { default: _, ...bare } = mended as Json
      return bare
    }
    this.reordered.set(
      type,
      branches.map((_, index) => (index === first ? 0 : index < first ? index + 1 : index))
    )
    return { ...mended, type: [mended.type[first], ...mended.type.toSpliced(first, 1)] }
  }
}

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
