import { boundsOf, type Bounds } from './bounds.ts'
import type { AvroCursor } from './cursor.ts'
import type { AvroRecord, AvroType } from './schema.ts'
import { fixedSize } from './size.ts'
import type { Wanted } from './wanted.ts'

/** Reads one value. A reader of all of it leaves the cursor behind it, one of some fields leaves it anywhere. */
export type AvroReader = (cursor: AvroCursor) => unknown

/**
 * Compiles a reader of one schema to JavaScript: an object literal for each record, so that it is built in one step
 * with a known shape. What is not wanted is skipped, and what comes after the last wanted field isn't looked at. The
 * schema's names reach the code as quoted literals only.
 */
export function compileReader(type: AvroType, wanted: Wanted = 'all', bounds = boundsOf(type)): AvroReader {
  const code = new ReaderCode(bounds)
  const start = code.read(type, wanted, true)
  return new Function(`'use strict'\nlet u\n${code.functions.join('\n')}\nreturn (c) => ${start}`)() as AvroReader
}

/** In the code, `c` is the cursor and `u` the index of the union branch being chosen. */
class ReaderCode {
  readonly functions: string[] = []
  private readonly names = new Map<string, string>()
  private readonly numbers = new Map<AvroType | Wanted, number>()
  private readonly bounds: Bounds

  constructor(bounds: Bounds) {
    this.bounds = bounds
  }

  /** An expression whose value is the value read; with `last`, nothing is read after it. */
  read(type: AvroType, wanted: Wanted, last = false): string {
    switch (type.kind) {
      case 'null':
        return 'null'
      case 'bytes':
        return 'c.takeBytes()'
      case 'fixed':
        return `c.take(${type.size})`
      case 'enum':
        return this.call([type], () => `return ${JSON.stringify(type.symbols)}[c.index(${type.symbols.length})]`)
      case 'union':
        return this.union(type.branches, (branch) => this.read(branch, wanted, last))
      case 'array':
        return this.call([type, wanted], () => this.array(type.items, wanted))
      case 'map':
        return this.call([type, 'all'], () => this.map(type.items))
      case 'record':
        return this.call([type, wanted, last], () => this.record(type, wanted, last))
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
        return this.call([type], () => this.items(type.items, this.skipItem(type)))
      case 'record':
        return this.call([type], () => this.within(type, this.skipFields(type).join(';\n')))
      default:
        return 'c.skipLong()'
    }
  }

  /** A call of the function that reads this type in this way, made when it is first called: a type may hold itself. */
  private call([type, wanted, last = false]: [AvroType, Wanted?, boolean?], body: () => string): string {
    const key = `${this.number(type)} ${wanted && this.number(wanted)} ${wanted !== 'all' && last}`
    let name = this.names.get(key)
    if (name === undefined) {
      name = `f${this.names.size}`
      this.names.set(key, name)
      this.functions.push(`function ${name}(c) {\n${body()}\n}`)
    }
    return `${name}(c)`
  }

  private number(thing: AvroType | Wanted): number {
    const number = this.numbers.get(thing) ?? this.numbers.size
    this.numbers.set(thing, number)
    return number
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

  private record(type: AvroRecord, wanted: Wanted, last: boolean): string {
    const { fields } = type
    const lines: string[] = []
    const members: string[] = []
    const end = fields.findLastIndex(({ name }) => wanted === 'all' || wanted.has(name))
    for (const [index, { name, type }] of fields.entries()) {
      const want = wanted === 'all' ? 'all' : wanted.get(name)
      if (want !== undefined) {
        lines.push(`const v${index} = ${this.read(type, want, last && index === end)}`)
        members.push(`${key(name)}: v${index}`)
      } else if (!last || index < end) {
        lines.push(this.skip(type))
      }
    }
    return `${this.within(type, `${lines.join(';\n')};`)}\nreturn { ${members.join(', ')} }`
  }

  /** Records that may hold themselves are counted as they are read; all others by their list or at the root. */
  private within(type: AvroRecord, lines: string): string {
    return this.bounds.recursive.has(type) ? `c.enter(${this.bounds.values(type)})\n${lines}\nc.depth++` : lines
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
    const smallest = this.bounds.smallest(type) + more
    return `for (let n; (n = c.items(${smallest}, ${this.bounds.values(type)})) > 0;) for (; n > 0; n--) {\n${each}\n}`
  }
}

/** Without the brackets a field called __proto__ would set the prototype. */
function key(name: string): string {
  return name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)
}
