import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import avsc from 'avsc'
import { expect, test } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import { gzipRuns } from '../../src/generate/gzip.ts'
import { demoFiles, notices, type ZtfAlert, ztfAlerts } from '../../src/generate/index.ts'
import { sourceOf } from '../contract/sink-bench.ts'

const DEMO = join(import.meta.dirname, '../../config/demo')

test('the committed files are what the generator writes (else run scripts/write-demo-data.ts)', async () => {
  const files = demoFiles()
  const packets = files.filter(({ name }) => name.endsWith('.avro')).map(({ name }) => name.slice('ztf-loop/'.length))
  expect((await readdir(join(DEMO, 'ztf-loop'))).sort()).toEqual(packets.sort())
  for (const { name, bytes } of files) {
    const committed = await readFile(join(DEMO, name))
    expect(Buffer.compare(committed, bytes), name).toBe(0)
  }
  expect(files.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(1_000_000)
})

test('another seed is another night', () => {
  const [one, two] = [1, 2].map((seed) => ztfAlerts(seed).next().value!.alert.objectId)
  expect(one).not.toBe(two)
})

test('packets are read by our codec and by another Avro library, with the values that went in', async () => {
  for (const { alert, bytes } of ztfAlerts(3).take(30)) {
    const decoded = codecOf('auto').decode(sourceOf({ bytes }).message) as ZtfAlert
    expect(decoded.candid).toBe(alert.candid)
    expect(alert.candid > Number.MAX_SAFE_INTEGER).toBe(true)
    expect(decoded.candidate).toMatchObject({ candid: alert.candid, jd: alert.candidate.jd, ra: alert.candidate.ra })
    expect(decoded.candidate.magpsf).toBe(Math.fround(alert.candidate.magpsf))
    expect(decoded.prv_candidates).toHaveLength(alert.prv_candidates.length)

    const [record] = await records(bytes)
    expect(record).toMatchObject({ objectId: alert.objectId, candid: alert.candid })
  }
})

test('cut-outs are FITS images in gzip', () => {
  const { bytes } = ztfAlerts(3).next().value!
  const decoded = codecOf('auto').decode(sourceOf({ bytes }).message) as { cutoutScience: { stampData: Uint8Array } }
  const fits = gunzipSync(decoded.cutoutScience.stampData)
  expect(fits.length % 2880).toBe(0)
  expect(fits.toString('latin1', 0, 30)).toBe(`SIMPLE  =${'T'.padStart(21)}`)
})

test('gzip of runs of every length', () => {
  for (let length = 0; length < 600; length++) {
    const bytes = Buffer.concat([Buffer.from([1, 144, 255]), Buffer.alloc(length, 32), Buffer.from([9])])
    expect(bytes.equals(gunzipSync(gzipRuns(bytes)))).toBe(true)
  }
})

test('notices are Hopskotch messages of two topics, their offsets without a gap', () => {
  const list = [...notices(1).take(50)]
  const byTopic = Map.groupBy(list, ({ topic }) => topic)
  expect([...byTopic.keys()].sort()).toEqual(['hermes.test', 'sys.heartbeat'])
  for (const ofTopic of byTopic.values()) {
    const offsets = ofTopic.map(({ offset }) => Number(offset))
    expect(offsets).toEqual(Array.from(offsets, (_, i) => offsets[0]! + i))
  }
  for (const { headers, bytes } of list) {
    expect(codecOf('hop').decode(sourceOf({ headers, bytes }).message)).toEqual(
      JSON.parse(Buffer.from(bytes).toString())
    )
    expect(headers.find(([name]) => name === '_id')?.[1]).toHaveLength(16)
  }
})

/** The library reads 64-bit integers exactly only when told how. */
const long = avsc.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: () => Buffer.alloc(8),
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: () => 0
})

async function records(container: Uint8Array): Promise<unknown[]> {
  const parseHook = (schema: avsc.Schema) => avsc.Type.forSchema(schema, { registry: { long } })
  const decoder = new avsc.streams.BlockDecoder({ parseHook })
  decoder.end(Buffer.from(container))
  return decoder.toArray()
}
