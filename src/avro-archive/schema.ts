import type { AvroBlock, AvroReaders } from '../codecs/avro/readers.ts'
import { reorderer } from '../codecs/avro/reorder.ts'
import { strictSchema } from '../codecs/avro/strict.ts'
import { parseJson } from '../codecs/json-text.ts'

/** What the schema of an alert says about it. */
export interface SchemaFacts {
  /** `ztf`, `lsst`: the first part of its namespace. */
  readonly survey: string | undefined
  /** `v3_3`, `v10_0`. */
  readonly version: string | undefined
  /** Undefined: strict readers take it as it is. */
  readonly mended: MendedSchema | undefined
}

export interface MendedSchema {
  readonly text: Uint8Array
  /** How many fields had a default that their types do not allow. */
  readonly fields: number
  /** Records written by the old schema, as the new one has them. */
  readonly rewrite: (block: AvroBlock) => AvroBlock
}

const known = new WeakMap<AvroReaders, SchemaFacts>()

/** Found out once for each schema. */
export function schemaFacts(text: Uint8Array, readers: AvroReaders): SchemaFacts {
  const before = known.get(readers)
  if (before !== undefined) return before
  const facts = { ...identityOf(parseJson(Buffer.from(text).toString())), mended: mendedOf(text, readers) }
  known.set(readers, facts)
  return facts
}

function mendedOf(text: Uint8Array, { type }: AvroReaders): MendedSchema | undefined {
  const strict = strictSchema(text, type)
  if (strict === undefined) return undefined
  return { text: strict.text, fields: strict.fields.length, rewrite: reorderer(type, strict.reordered) }
}

/** ZTF has `"version": "3.3"` beside the namespace ztf, LSST the namespace lsst.v10_0. */
function identityOf(schema: unknown): Pick<SchemaFacts, 'survey' | 'version'> {
  const { name, namespace, version } = (schema ?? {}) as Readonly<Record<string, unknown>>
  const parts = [namespace, name].flatMap((part) => (typeof part === 'string' ? part.split('.') : []))
  const said = typeof version === 'string' && /^\d+([._]\d+)*$/.test(version) ? `v${version.replaceAll('.', '_')}` : undefined // biome-ignore format: one line
  return {
    survey: parts.length > 1 ? parts[0] : undefined,
    version: said ?? parts.find((part) => /^v\d+(_\d+)*$/.test(part))
  }
}
