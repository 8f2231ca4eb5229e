import { isSecretKey } from '../config/secrets.ts'
import { literal, type Reference, textOf, unknown, type Value } from './value.ts'

const BUILT_IN = ['dict', 'list', 'tuple', 'set', 'str', 'int', 'float', 'bool', 'bytes', 'open', 'print', 'input']

/** What the names of the settings file stand for, at the statement that has been reached. */
export class Names {
  readonly #values = new Map<string, Value>()
  /** Modules of which all names are imported, which may be any, by the line where. */
  readonly stars = new Map<number, string>()

  set(name: string, value: Value): void {
    this.#values.set(name, value)
  }

  get(name: string): Value | undefined {
    return this.#values.get(name)
  }

  delete(name: string): void {
    this.#values.delete(name)
  }

  /** What a name stands for where it is used. */
  use(name: string, line: number): Value {
    const value = this.#values.get(name)
    if (value === undefined) return this.#absent(name, line)
    // Its text would stand in the YAML wherever it goes.
    if (isSecretKey(name) && literal(value)) return textOf(line, { name, fallback: undefined, withheld: true })
    return value.kind === 'list' || value.kind === 'dict' ? value : { ...value, line }
  }

  #absent(name: string, line: number): Value {
    if (BUILT_IN.includes(name)) return reference(line, name, `${name} is a function of Python`)
    const from = this.stars.size > 0 ? `; it may come from ${[...this.stars.values()].join(' or ')}` : ''
    return unknown(line, `the name ${name} is not set in this file${from}`)
  }
}

export function reference(line: number, path: string, what: string): Reference {
  return { kind: 'reference', line, path, what }
}
