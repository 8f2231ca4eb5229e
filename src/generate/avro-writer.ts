import avsc from 'avsc'

/** Avro's 64-bit integers as bigint: the library's own are doubles. */
const long = avsc.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer(value: bigint) {
    const buffer = Buffer.alloc(8)
    buffer.writeBigInt64LE(value)
    return buffer
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (one: bigint, other: bigint) => (one < other ? -1 : one > other ? 1 : 0)
})

const metadata = avsc.Type.forSchema({ type: 'map', values: 'bytes' })
const count = avsc.Type.forSchema('long')
const MAGIC = Buffer.from('Obj\x01', 'latin1')

/**
 * Writes object container files of one record: schema inside, not compressed. A `long` is given as bigint; `sync` is
 * any 16 bytes.
 */
export function containerWriter(schema: avsc.Schema): (record: unknown, sync: Uint8Array) => Uint8Array {
  const type = avsc.Type.forSchema(schema, { registry: { long } })
  const described = { 'avro.codec': Buffer.from('null'), 'avro.schema': Buffer.from(JSON.stringify(schema)) }
  const header = Buffer.concat([MAGIC, metadata.toBuffer(described)])
  return (record, sync) => {
    const body = type.toBuffer(record)
    return Buffer.concat([header, sync, count.toBuffer(1), count.toBuffer(body.length), body, sync])
  }
}
