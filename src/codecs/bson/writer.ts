/**
 * A BSON document. Whole numbers are written as int32 or int64, `bigint` as int64, bytes as binary data of subtype 0;
 * fields that are undefined are left out. Throws on a value that BSON has no place for.
 */
export function writeBson(document: object): Buffer {
  const parts: Uint8Array[] = []
  writeDocument(Object.entries(document), parts, 1)
  return Buffer.concat(parts)
}

const DEEPEST = 1000
const END = Buffer.of(0)

/** Answers how many bytes it took. */
function writeDocument(entries: readonly (readonly [string, unknown])[], parts: Uint8Array[], depth: number): number {
  if (depth > DEEPEST) throw new Error(`it nests deeper than ${DEEPEST}, or holds itself`)
  const head = Buffer.alloc(4)
  parts.push(head)
  let length = 5
  for (const [name, value] of entries) if (value !== undefined) length += writeElement(name, value, parts, depth)
  parts.push(END)
  head.writeInt32LE(length)
  return length
}

function writeElement(name: string, value: unknown, parts: Uint8Array[], depth: number): number {
  if (name.includes('\0')) throw new Error('a name holds a zero')
  const label = Buffer.from(`\0${name}\0`)
  parts.push(label)
  if (isNested(value)) {
    label[0] = Array.isArray(value) ? 0x04 : 0x03
    const entries = Array.isArray(value)
      ? value.map((item, index) => [String(index), item ?? null] as const)
      : Object.entries(value)
    return label.length + writeDocument(entries, parts, depth + 1)
  }
  const { type, bytes } = leaf(value)
  label[0] = type
  parts.push(...bytes)
  return label.length + bytes.reduce((sum, part) => sum + part.length, 0)
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array || value instanceof Date)
}

interface Leaf {
  readonly type: number
  readonly bytes: readonly Uint8Array[]
}

function leaf(value: unknown): Leaf {
  switch (typeof value) {
    case 'string': {
      const text = Buffer.from(value)
      return { type: 0x02, bytes: [int32(text.length + 1), text, END] }
    }
    case 'boolean':
      return { type: 0x08, bytes: [Buffer.of(Number(value))] }
    case 'bigint':
      return { type: 0x12, bytes: [int64(value)] }
    case 'number':
      return numberLeaf(value)
    default:
  }
  if (value === null) return { type: 0x0a, bytes: [] }
  if (value instanceof Uint8Array) return { type: 0x05, bytes: [int32(value.length), END, value] }
  if (value instanceof Date) return { type: 0x09, bytes: [int64(BigInt(value.getTime()))] }
  throw new Error(`a ${typeof value} is no data`)
}

function numberLeaf(value: number): Leaf {
  if (Object.is(value, value | 0)) return { type: 0x10, bytes: [int32(value)] }
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return { type: 0x12, bytes: [int64(BigInt(value))] }
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return { type: 0x01, bytes: [bytes] }
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(value)
  return bytes
}
