import { AlertStreamsError } from '../../contract/errors.ts'
import { joinSchemas } from '../avro/join.ts'
import { inUse, readersOf } from '../avro/kept.ts'
import type { AvroReaders } from '../avro/readers.ts'
import { decoding } from '../failure.ts'
import type { SchemaFiles } from './disk.ts'
import { lsstSchemas } from './lsst-schemas.ts'
import type { SchemaRegistry } from './registry.ts'

const MOST_KEPT = 64
/** An id that the registry hasn't is asked for again after this time, in ms; so many are remembered. */
const ABSENT_MS = 60_000
const MOST_ABSENT = 1000

interface Sources {
  /** Whether ids are those of LSST's alert packets. */
  readonly lsst: boolean
  readonly files: SchemaFiles | undefined
  readonly registry: SchemaRegistry | undefined
}

/** A schema's JSON, and what reads by it. */
export interface KnownSchema {
  readonly text: Uint8Array
  readonly readers: AvroReaders
}

/** Schemas by their registry id: from memory, the bundle, the disk, and when asked from the registry. */
export class SchemasById {
  readonly #sources: Sources
  readonly #known = new Map<number, KnownSchema>()
  readonly #fetching = new Map<number, Promise<void>>()
  readonly #absent = new Map<number, { readonly until: number; readonly error: unknown }>()

  constructor(sources: Sources) {
    this.#sources = sources
  }

  /** Undefined for one that would have to be fetched. */
  get(id: number): AvroReaders | undefined {
    return this.schema(id)?.readers
  }

  /** The same with its JSON. */
  schema(id: number): KnownSchema | undefined {
    const known = this.#known.get(id)
    if (known !== undefined) {
      inUse(known.readers)
      return known
    }
    const text = this.#bundled(id) ?? this.#sources.files?.read(id)
    return text && this.#usable(id, text)
  }

  /** Undefined: it need not or can't be fetched. One request serves all who wait for an id. */
  fetch(id: number, signal: AbortSignal): Promise<void> | undefined {
    const { registry } = this.#sources
    if (registry === undefined || this.get(id) !== undefined) return undefined
    const absent = this.#absent.get(id)
    if (absent !== undefined && absent.until > Date.now()) return Promise.reject(absent.error)
    const under = this.#fetching.get(id)
    if (under !== undefined) return under
    const fetching = this.#fetch(id, registry, signal).finally(() => this.#fetching.delete(id))
    this.#fetching.set(id, fetching)
    return fetching
  }

  async #fetch(id: number, registry: SchemaRegistry, signal: AbortSignal): Promise<void> {
    try {
      const schema = await registry.schema(id, signal)
      const text = Buffer.from(schema)
      this.#keep(id, { text, readers: decoding('Avro', () => readersOf(text)) })
      this.#sources.files?.write(id, schema)
      this.#absent.delete(id)
    } catch (error) {
      if (error instanceof AlertStreamsError && error.code === 'DECODE_FAILED') {
        if (this.#absent.size >= MOST_ABSENT) this.#absent.clear()
        this.#absent.set(id, { until: Date.now() + ABSENT_MS, error })
      }
      throw error
    }
  }

  #bundled(id: number): Uint8Array | undefined {
    const records = this.#sources.lsst ? lsstSchemas[id] : undefined
    return records === undefined ? undefined : Buffer.from(JSON.stringify(joinSchemas(JSON.parse(records))))
  }

  /** A file that is damaged is as good as none. */
  #usable(id: number, text: Uint8Array): KnownSchema | undefined {
    try {
      return this.#keep(id, { text, readers: readersOf(text) })
    } catch {
      return undefined
    }
  }

  #keep(id: number, schema: KnownSchema): KnownSchema {
    for (const oldest of this.#known.keys()) if (this.#known.size >= MOST_KEPT) this.#known.delete(oldest)
    this.#known.set(id, schema)
    return schema
  }
}
