import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import avsc from 'avsc'
import { ztfAlerts } from '../../src/generate/index.ts'

/** An alert packet, and what a FILTER on it should say. */
export interface Packet {
  readonly bytes: Buffer
  readonly candid: bigint
  readonly objectId: string
  /** Deep-learning score, 0 bogus to 1 real; older packets have none. */
  readonly drb: number | null | undefined
  /** AB magnitude. */
  readonly magpsf: number
}

const folder = new URL('../../../shared/data/ztf/', import.meta.url)

export const hasRealPackets = existsSync(folder)

export function passes({ drb, magpsf }: Packet): boolean {
  return typeof drb === 'number' && drb > 0.8 && magpsf < 18
}

/** What passes, in the configuration. */
export const FILTER = 'candidate.drb > 0.8 && candidate.magpsf < 18.0'

export function syntheticPackets(count: number): Packet[] {
  return [...ztfAlerts(3).take(count)].map(({ alert, bytes }) => {
    const { drb, magpsf } = alert.candidate
    return { bytes: Buffer.from(bytes), candid: alert.candid, objectId: alert.objectId, drb, magpsf }
  })
}

/** ZTF's own, again and again, decoded by avsc and not by us. */
export async function realPackets(count: number): Promise<Packet[]> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.avro'))
  const packets = await Promise.all(files.map((name) => decode(readFileSync(new URL(name, folder)))))
  return Array.from({ length: count }, (_, index) => packets[index % packets.length]!)
}

async function decode(bytes: Buffer): Promise<Packet> {
  const decoder = new avsc.streams.BlockDecoder({
    parseHook: (schema) =>
      avsc.Type.forSchema(withoutDefaults(schema) as avsc.Schema, { registry: { long: exactLong } })
  })
  for await (const record of Readable.from([bytes]).pipe(decoder)) {
    const { candid, objectId, candidate } = record as Pick<Packet, 'candid' | 'objectId'> & {
      readonly candidate: Pick<Packet, 'drb' | 'magpsf'>
    }
    return { bytes, candid, objectId, drb: candidate.drb, magpsf: candidate.magpsf }
  }
  throw new Error('an empty packet')
}

/** Those of ZTF's schema break the specification. */
function withoutDefaults(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema, (key, value) => (key === 'default' ? undefined : value)))
}

const exactLong = avsc.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: () => Buffer.alloc(8),
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0)
})
