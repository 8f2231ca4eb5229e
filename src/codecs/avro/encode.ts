import { randomBytes } from 'node:crypto'
import { reasonOf } from '../../contract/errors.ts'
import { notEncodable } from '../failure.ts'
import type { ConfiguredSchema } from './configured.ts'
import { writeContainer } from './container.ts'
import { inferSchema } from './infer.ts'
import { AvroOutput } from './output.ts'
import { type AvroType, readSchema } from './schema.ts'
import { writeAvro } from './write.ts'

/**
 * An object container, not compressed. Without a schema one is inferred; with that of a record, a list of values is a
 * container of so many records. Throws `HANDLER_FAILED`.
 */
export function encodeContainer(value: unknown, schema?: ConfiguredSchema): Uint8Array {
  return encoding(() => {
    const { text, type } = schema === undefined ? inferred(value) : { text: schema.text, type: schema.readers.type }
    const records = schema !== undefined && type.kind === 'record' && Array.isArray(value) ? value : [value]
    const sync = randomBytes(16)
    const body = new AvroOutput()
    for (const record of records) writeAvro(body, type, record)
    const metadata = new Map([
      ['avro.codec', Buffer.from('null')],
      ['avro.schema', text]
    ])
    return writeContainer(metadata, sync, [{ records: records.length, bytes: body.written() }])
  })
}

/** The value alone, behind the bytes of a frame. Throws `HANDLER_FAILED`. */
export function encodeBare(value: unknown, type: AvroType, frame = new Uint8Array()): Uint8Array {
  return encoding(() => {
    const out = new AvroOutput()
    out.raw(frame)
    writeAvro(out, type, value)
    return out.written()
  })
}

function inferred(value: unknown): { readonly text: Uint8Array; readonly type: AvroType } {
  const schema = inferSchema(value)
  return { text: Buffer.from(JSON.stringify(schema)), type: readSchema(schema).type }
}

function encoding(encode: () => Uint8Array): Uint8Array {
  try {
    return encode()
  } catch (error) {
    throw notEncodable('Avro', reasonOf(error), 'Return what fits the schema: records, lists, text, numbers, bytes')
  }
}
