import { stringifyJson } from '../codecs/json-text.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import type { Placed, Source } from '../contract/sink.ts'
import type { Row } from '../database/values.ts'
import { nameOf } from '../tom/fields.ts'
import { simplifiedName } from '../tom/matching.ts'
import { type Datum, datumOf } from './datum.ts'
import { bareObject, objectOf, type SkyObject } from './object.ts'

/** What one message says of one object, on its way to a TOM. */
export interface Report extends Placed {
  /** Undefined: it names none. */
  readonly object: SkyObject | undefined
  readonly data: readonly Datum[]
  /** A write that is repeated passes over what is done. */
  state: 'open' | 'done' | 'refused'
  /** How many of `data` are written. */
  written: number
  reason: string | undefined
  /** How often the TOM failed at it, and how much it had taken when it did so first. */
  failures: number
  takenBefore: number
}

/** Characters of a name in a TOM. */
const LONGEST = 100

/** Makes reports of rows. */
export class Reports {
  readonly #sourceName: string | undefined
  /** The objects of which one source message has spoken, by name and alias: what comes after may give the name alone. */
  readonly #spokenOf = new WeakMap<object, Map<string, SkyObject>>()

  /** `sourceName`: of all data, instead of what their rows say. */
  constructor(sourceName: string | undefined) {
    this.#sourceName = sourceName
  }

  /** Of rows of one object. Throws `SINK_REJECTED` for what a TOM could never take. */
  of(rows: readonly Row[], source: Source): Report {
    const target = rows.find(({ table }) => table === 'targets')
    const measured = rows.filter(({ table }) => table === 'photometry')
    const object = target === undefined ? this.#namedBy(measured[0], source) : this.#described(target, source)
    const data = measured.map((row) => datumOf(row, this.#sourceName ?? nameOf(row.columns.source) ?? source.stream))
    const bytes = Buffer.byteLength(stringifyJson([object?.fields ?? null, data]))
    return {
      // No name has a blank in it when it was simplified.
      target: object === undefined ? 'no object' : simplifiedName(object.name),
      bytes,
      extraBytes: bytes,
      object,
      data,
      state: 'open',
      written: 0,
      reason: undefined,
      failures: 0,
      takenBefore: 0
    }
  }

  #described(target: Row, { message }: Source): SkyObject {
    const object = objectOf(target)
    checkName(object.name)
    const spokenOf = this.#spokenOf.get(message) ?? new Map<string, SkyObject>()
    for (const name of [...object.aliases, object.name]) spokenOf.set(simplifiedName(name), object)
    this.#spokenOf.set(message, spokenOf)
    return object
  }

  #namedBy(measured: Row | undefined, { message }: Source): SkyObject | undefined {
    if (measured === undefined) return undefined
    const name = nameOf(measured.columns.target)
    if (name === null) throw rejected('a row of photometry needs target for a TOM')
    checkName(name)
    return this.#spokenOf.get(message)?.get(simplifiedName(name)) ?? bareObject(name)
  }
}

function checkName(name: string): void {
  if (simplifiedName(name) === '') throw rejected('the object has no name')
  if (name.length > LONGEST)
    throw rejected(`the name of the object has ${name.length} characters: a TOM takes ${LONGEST}`)
}

function rejected(reason: string): AlertStreamsError {
  return new AlertStreamsError('SINK_REJECTED', reason)
}
