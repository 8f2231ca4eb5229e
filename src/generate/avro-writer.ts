/** The part of Avro that the generator's schemas use. */
export type Schema =
  | 'null'
  | 'int'
  | 'long'
  | 'float'
  | 'double'
  | 'string'
  | 'bytes'
  | readonly Schema[]
  | { readonly type: 'array'; readonly items: Schema }
  | RecordSchema
  /** A record that was spelt out before. */
  | { readonly named: RecordSchema }

export interface RecordSchema {
  readonly type: 'record'
  readonly name: string
  readonly namespace?: string
  readonly version?: string
  readonly doc?: string
  readonly fields: readonly { readonly name: string; readonly type: Schema; readonly default?: null }[]
}

const MAGIC = Buffer.from('Obj\x01', 'latin1')

/** An object container file of one record: schema inside, not compressed. `sync` is any 16 bytes. */
export function writeContainer(schema: RecordSchema, record: unknown, sync: Uint8Array): Uint8Array {
  const body = encode(schema, record)
  const meta = [
    ['avro.codec', Buffer.from('null')],
    ['avro.schema', Buffer.from(JSON.stringify(schema, nameOnly))]
  ] as const
  const header = meta.flatMap(([name, value]) => [encode('string', name), encode('bytes', value)])
  const counts = [varint(BigInt(meta.length)), ...header, varint(0n), sync, varint(1n), varint(BigInt(body.length))]
  return Buffer.concat([MAGIC, ...counts, body, sync])
}

/** In the JSON a record that was spelt out before is its name. */
function nameOnly(_: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'named' in value ? (value.named as RecordSchema).name : value
}

function encode(schema: Schema, value: unknown): Uint8Array {
  if (schema === 'null') return new Uint8Array()
  if (schema === 'int' || schema === 'long') return varint(BigInt(value as number | bigint))
  if (schema === 'float' || schema === 'double') return floating(schema, value as number)
  if (schema === 'string') return encode('bytes', Buffer.from(value as string))
  if (schema === 'bytes') return Buffer.concat([varint(BigInt((value as Uint8Array).length)), value as Uint8Array])
  if ('named' in schema) return encode(schema.named, value)
  if ('fields' in schema) return record(schema, value as Readonly<Record<string, unknown>>)
  if ('items' in schema) return array(schema.items, value as readonly unknown[])
  // Every union here is null and one other type.
  const index = schema.findIndex((branch) => (branch === 'null') === (value === null))
  return Buffer.concat([varint(BigInt(index)), encode(schema[index]!, value)])
}

function record({ fields }: RecordSchema, value: Readonly<Record<string, unknown>>): Uint8Array {
  return Buffer.concat(fields.map(({ name, type }) => encode(type, value[name])))
}

function array(items: Schema, values: readonly unknown[]): Uint8Array {
  if (values.length === 0) return varint(0n)
  return Buffer.concat([varint(BigInt(values.length)), ...values.map((value) => encode(items, value)), varint(0n)])
}

function floating(schema: 'float' | 'double', value: number): Uint8Array {
  const bytes = Buffer.alloc(schema === 'float' ? 4 : 8)
  if (schema === 'float') bytes.writeFloatLE(value)
  else bytes.writeDoubleLE(value)
  return bytes
}

/** Zig-zag, seven bits a byte, the lowest first. */
function varint(value: bigint): Uint8Array {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  const bytes: number[] = []
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}
