import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import { fieldsOf, valueAt } from '../contract/codec.ts'
import { messageOf } from './message.ts'

const folder = new URL('../../../shared/data/ztf/', import.meta.url)

interface Packet {
  readonly objectId: string
  readonly candid: bigint
  readonly candidate: Record<string, unknown>
  readonly prv_candidates: Record<string, unknown>[]
  readonly fp_hists?: unknown[]
  readonly cutoutScience: { stampData: Uint8Array }
  readonly cutoutTemplate: { stampData: Uint8Array }
  readonly cutoutDifference: { stampData: Uint8Array }
}

describe.skipIf(!existsSync(folder))('packets of ZTF (skipped where ../shared/data/ztf is absent)', () => {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.avro')) : []
  const messageFrom = (name: string) => messageOf(readFileSync(new URL(name, folder)))
  const packetOf = (end: string) =>
    codecOf('auto').decode(messageFrom(names.find((name) => name.endsWith(end))!)) as Packet

  test('schema 4.02', () => {
    const { objectId, candid, candidate, ...packet } = packetOf('2982177112815010003.v4_02.avro')
    expect([objectId, candid, candidate.candid]).toEqual(['ZTF17aaarzyp', 2982177112815010003n, 2982177112815010003n])
    expect(candidate).toMatchObject({
      jd: 2460736.6771181,
      fid: 2,
      isdiffpos: 'f',
      ssnamenr: 'null',
      programid: 1,
      ndethist: 445
    })
    expect(candidate).toMatchObject({
      ra: 97.8890196,
      dec: -2.798349,
      magpsf: expect.closeTo(15.883608, 6),
      ssdistnr: -999
    })
    expect(candidate).toMatchObject({
      rb: expect.closeTo(0.634286, 6),
      drb: expect.closeTo(0.995834, 6),
      classtar: expect.closeTo(0.997, 6)
    })
    expect(Object.keys(candidate)).toHaveLength(103)
    expect([packet.prv_candidates.length, packet.fp_hists?.length]).toEqual([14, 14])
    const cutouts = [packet.cutoutScience, packet.cutoutTemplate, packet.cutoutDifference].map((one) => one.stampData)
    expect(cutouts.map((one) => one.length)).toEqual([13321, 12830, 14912])
    for (const cutout of cutouts) expect(gunzipSync(cutout)).toHaveLength(20160)
  })

  test('schema 3.3, whose defaults break the specification', () => {
    const { objectId, candid, candidate, prv_candidates } = packetOf('472263571115115000.avro')
    expect([objectId, candid, prv_candidates.length]).toEqual(['ZTF17aaajnnn', 472263571115115000n, 11])
    expect(candidate).toMatchObject({
      jd: 2458226.7635764,
      programid: 3,
      isdiffpos: 't',
      magpsf: expect.closeTo(18.361856, 6)
    })
    expect(candidate.rb).toBeCloseTo(0.843333, 6)
    const limits = prv_candidates.filter(({ magpsf }) => magpsf === null)
    expect(limits.map(({ candid }) => candid)).toEqual(limits.map(() => null))
    expect(packetOf('2188216843315010016.v3_3.avro')).toMatchObject({
      objectId: 'ZTF18abfkwnk',
      candid: 2188216843315010016n
    })
  })

  test.each(names)('each field of %s by itself is what the full decode has there', (name) => {
    const message = messageFrom(name)
    const packet = codecOf('avro').decode(message)
    const paths = fieldsOf(packet)
    expect(paths.length).toBeGreaterThan(150)
    for (const path of paths) {
      const part = codecOf('avro').decode(message, [path])
      expect(valueAt(part, path), path.join('.')).toEqual(valueAt(packet, path))
    }
    expect(codecOf('avro').decode(message, paths)).toEqual(packet)
  })
})
