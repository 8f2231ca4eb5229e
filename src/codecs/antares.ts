import { deflateSync } from 'node:zlib'
import type { Message } from '../contract/alert.ts'
import type { Codec, CodecSetup, Encoded } from '../contract/codec.ts'
import { reasonOf } from '../contract/errors.ts'
import type { OptionsOf } from '../contract/options.ts'
import { type BsonDocument, readBson } from './bson/reader.ts'
import { writeBson } from './bson/writer.ts'
import { decoding, notEncodable } from './failure.ts'
import { type Limits, limitFields, limitsOf } from './limits.ts'
import { inflate } from './unwrap.ts'

/** A locus of ANTARES: a place on the sky, and what is known of it. */
export interface AntaresLocus {
  readonly id: string
  /** Degrees, ICRS. */
  readonly ra: number
  /** Degrees, ICRS. */
  readonly dec: number
  readonly properties: Readonly<Record<string, unknown>>
  readonly tags: readonly string[]
  readonly catalogs: readonly string[]
}

/**
 * BSON documents compressed by zlib, as ANTARES sends them. Both of its shapes give the flat one, an `AntaresLocus`; a
 * field that it does not send is missing here too. 64-bit integers are exact, dates are `Date` (in JSON: ISO text).
 */
export class AntaresCodec implements Codec {
  static readonly doc = 'Loci of ANTARES: BSON compressed by zlib, in both shapes that it sends.'
  static readonly fields = limitFields

  readonly name = 'antares'
  readonly #limits: Limits

  constructor(options: OptionsOf<typeof limitFields>, _setup: CodecSetup) {
    this.#limits = limitsOf(options)
  }

  decode({ bytes }: Message): unknown {
    if (bytes === null) return null
    return decodeLocus(
      decoding('zlib', () => inflate(bytes, this.#limits)),
      this.#limits
    )
  }

  encode(value: unknown): Encoded {
    try {
      if (!isDocument(value)) throw new Error('it is no record')
      return { bytes: deflateSync(writeBson(value)), headers: [] }
    } catch (error) {
      throw notEncodable('BSON', reasonOf(error), 'Return a record of plain values, as the payload of an alert is')
    }
  }
}

/** The BSON alone. Throws `DECODE_FAILED`. */
export function decodeLocus(bson: Uint8Array, limits: Limits): unknown {
  return decoding('BSON', () => flat(readBson(bson, limits)))
}

/** The older shape is `{data: {id, attributes: {ra, dec, ...}}}`. */
function flat(document: BsonDocument): BsonDocument {
  const { data } = document
  if (!isDocument(data) || !isDocument(data.attributes)) return document
  return { id: data.id, ...data.attributes }
}

function isDocument(value: unknown): value is BsonDocument {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}
