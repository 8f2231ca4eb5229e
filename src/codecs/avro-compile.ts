import type { AvroCursor } from './avro-cursor.ts'
import type { AvroRecord, AvroType } from './avro-schema.ts'
import { fixedSize, smallestSize } from './avro-size.ts'
import type { Wanted } from './avro-wanted.ts'

/** Reads one value and leaves the cursor behind it. */
export type AvroReader = (cursor: AvroCursor) => unknown

/**
 * Compiles a reader of one schema to JavaScript: an object literal for each record, so that it is built in one step
 * with a known shape. What is not wanted is skipped. Names reach the code as quoted literals only.
 */
export function compileReader(type: AvroType, wanted: Wanted = 'all'): AvroReader {
  const code = new ReaderCode()
  const start = code.read(type, wanted)
  return new Function(`'use strict'\nlet u\n${code.functions.join('\n')}\nreturn (c) => ${start}`)() as AvroReader
}

/** In the code, `c` is the cursor and `u` the index of the union branch being chosen. */
class ReaderCode {
  readonly functions: string[] = []
  private readonly names = new Map<AvroType, Map<Wanted | 'skip', string>>()
  private readonly smallest = new Map<AvroType, number>()

  /** An expression whose value is the value read. */
  read(type: AvroType, wanted: Wanted): string {
    switch (type.kind) {
      case 'null':
        return 'null'
      case 'bytes':
        return 'c.takeBytes()'
      case 'fixed':
        return `c.take(${type.size})`
      case 'enum':
        return `${JSON.stringify(type.symbols)}[c.index(${type.symbols.length})]`
      case 'union':
        return this.union(type.branches, (branch) => this.read(branch, wanted))
      case 'array':
        return this.call(type, wanted, () => this.array(type.items, wanted))
      case 'map':
        return this.call(type, 'all', () => this.map(type.items))
      case 'record':
        return this.call(type, wanted, () => this.record(type, wanted))
      default:
        return `c.${type.kind}()`
    }
  }

  /** An expression without a value of use. */
  private skip(type: AvroType): string {
    const size = fixedSize(type)
    if (size !== undefined) return size === 0 ? '0' : `c.skip(${size})`
    switch (type.kind) {
      case 'bytes':
      case 'string':
        return 'c.skipBytes()'
      case 'union':
        return this.skipUnion(type.branches)
      case 'array':
      case 'map':
        return this.call(type, 'skip', () => this.items(type.items, this.skipItem(type)))
      case 'record':
        return this.call(type, 'skip', () => this.skipFields(type).join(';\n'))
      default:
        return 'c.skipLong()'
    }
  }

  private call(type: AvroType, how: Wanted | 'skip', body: () => string): string {
    const names = this.names.get(type) ?? new Map<Wanted | 'skip', string>()
    this.names.set(type, names)
    let name = names.get(how)
    if (name === undefined) {
      name = `f${this.functions.push('') - 1}`
      names.set(how, name)
      this.functions[Number(name.slice(1))] = `function ${name}(c) {\n${body()}\n}`
    }
    return `${name}(c)`
  }

  private union(branches: readonly AvroType[], of: (branch: AvroType) => string): string {
    const chosen = branches.slice(0, -1).map((branch, index) => `u === ${index} ? ${of(branch)} : `)
    const last = branches.at(-1)
    return `(u = c.index(${branches.length}), ${chosen.join('')}${last === undefined ? 'null' : of(last)})`
  }

  private skipUnion(branches: readonly AvroType[]): string {
    const sizes = branches.map(fixedSize)
    if (sizes.includes(undefined)) return this.union(branches, (branch) => this.skip(branch))
    return `c.skip(${JSON.stringify(sizes)}[c.index(${branches.length})])`
  }

  private record(type: AvroRecord, wanted: Wanted): string {
    const lines: string[] = []
    const members: string[] = []
    for (const [index, field] of type.fields.entries()) {
      const want = wanted === 'all' ? 'all' : wanted.get(field.name)
      lines.push(want === undefined ? this.skip(field.type) : `const v${index} = ${this.read(field.type, want)}`)
      // Without the brackets a field called __proto__ would set the prototype.
      const name = JSON.stringify(field.name)
      if (want !== undefined) members.push(`${field.name === '__proto__' ? `[${name}]` : name}: v${index}`)
    }
    return `${lines.join(';\n')};\nreturn { ${members.join(', ')} }`
  }

  private skipFields(type: AvroRecord): string[] {
    return type.fields.map((field) => this.skip(field.type))
  }

  private array(items: AvroType, wanted: Wanted): string {
    return `const list = []\n${this.items(items, `list.push(${this.read(items, wanted)})`)}\nreturn list`
  }

  private map(items: AvroType): string {
    const entry = `const key = c.string(), value = ${this.read(items, 'all')}
if (key === '__proto__') Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true })
else map[key] = value`
    return `const map = {}\n${this.items(items, entry, 1)}\nreturn map`
  }

  private skipItem(type: AvroType & { readonly items: AvroType }): string {
    return `${type.kind === 'map' ? 'c.skipBytes(); ' : ''}${this.skip(type.items)}`
  }

  private items(type: AvroType, each: string, more = 0): string {
    const smallest = smallestSize(type, this.smallest) + more
    return `for (let n; (n = c.items(${smallest})) > 0;) for (; n > 0; n--) {\n${each}\n}`
  }
}
