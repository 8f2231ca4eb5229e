import { fullName } from './schema.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * One schema that holds all it needs, from parts that name each other, in any order. The root is the one that no other
 * names, the last of them where there are several.
 */
export function joinSchemas(parts: readonly unknown[]): unknown {
  const definitions = new Map<string, Json>()
  for (const part of parts) if (isNamed(part)) definitions.set(fullName(part.name, spaceOf(part, '')), part)
  const named = new Set<string>()
  const joined = parts.map((part) => new Join(definitions, named).root(part))
  const root = parts.findLastIndex((part) => !isNamed(part) || !named.has(fullName(part.name, spaceOf(part, ''))))
  return joined.at(root)
}

class Join {
  private readonly done = new Set<string>()
  private readonly definitions: ReadonlyMap<string, Json>
  private readonly named: Set<string>

  constructor(definitions: ReadonlyMap<string, Json>, named: Set<string>) {
    this.definitions = definitions
    this.named = named
  }

  root(part: unknown): unknown {
    return this.type(part, '')
  }

  private type(part: unknown, namespace: string): unknown {
    if (typeof part === 'string') return this.name(part, namespace)
    if (Array.isArray(part)) return part.map((branch) => this.type(branch, namespace))
    if (!isMap(part)) return part
    const space = spaceOf(part, namespace)
    if (isNamed(part)) this.done.add(fullName(part.name, space))
    const inner = isNamed(part) ? fullName(part.name, space).replace(/\.?[^.]*$/, '') : space
    const whole: Record<string, unknown> = { ...part }
    if (isMap(part.type) || Array.isArray(part.type)) whole.type = this.type(part.type, inner)
    else if (typeof part.type === 'string' && !isNamed(part)) whole.type = this.name(part.type, inner)
    if ('items' in part) whole.items = this.type(part.items, inner)
    if ('values' in part) whole.values = this.type(part.values, inner)
    if (Array.isArray(part.fields)) {
      whole.fields = part.fields.map((field) =>
        isMap(field) ? { ...field, type: this.type(field.type, inner) } : field
      )
    }
    return whole
  }

  /** A name, or at its first mention what it stands for, with its namespace said. */
  private name(name: string, namespace: string): unknown {
    const full = this.definitions.has(fullName(name, namespace)) ? fullName(name, namespace) : name
    const definition = this.definitions.get(full)
    if (definition === undefined) return name
    if (this.done.has(full)) return full
    this.named.add(full)
    return this.type({ ...definition, namespace: spaceOf(definition, '') }, '')
  }
}

function isNamed(part: unknown): part is Json & { readonly name: string } {
  return (
    isMap(part) && typeof part.name === 'string' && ['record', 'error', 'enum', 'fixed'].includes(String(part.type))
  )
}

function isMap(part: unknown): part is Json {
  return typeof part === 'object' && part !== null && !Array.isArray(part)
}

function spaceOf(part: Json, namespace: string): string {
  return typeof part.namespace === 'string' ? part.namespace : namespace
}
