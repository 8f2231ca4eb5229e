import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import extragalacticTransient from '../../handlers/extragalactic-transient.ts'
import { parseJson, stringifyJson } from '../../src/codecs/json-text.ts'
import { codecOf } from '../../src/codecs/usual.ts'
import { ztfAlerts } from '../../src/generate/index.ts'
import { Random } from '../../src/generate/random.ts'
import { type Alert, isExtragalacticTransient, type TransientAlert } from '../../src/index.ts'
import { messageOf } from '../codecs/message.ts'
import { RecordingLog } from '../contract/log.ts'
import { describePeers } from '../setup/services.ts'
import { edgeAlert } from './edges.ts'
import { type Expected, expectedOf } from './expected.ts'

const shared = join(import.meta.dirname, '../../../shared/data/ztf')
const folder = mkdtempSync(join(tmpdir(), 'extragalactic-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Options = NonNullable<Parameters<typeof extragalacticTransient>[1]>['options']

function handle(payload: TransientAlert, options: Options = {}) {
  const message = messageOf('packet', { 'kafka.topic': 'a' })
  const alert: Alert<TransientAlert> = { ...message, stream: 's', header: () => undefined, payload: () => payload }
  const context = { options, log: new RecordingLog(), signal: new AbortController().signal }
  return { alert, result: extragalacticTransient(alert, context) }
}

const verdicts = (alert: TransientAlert): Expected['extragalactic'] => ({
  upstream: isExtragalacticTransient(alert),
  sorted: isExtragalacticTransient(alert, { sorted: true })
})

/** Packets as they came: what the handler publishes of each is the row, in both orders. */
function agrees(packets: readonly Uint8Array[], expected: readonly Expected[]): number {
  expect(expected.length).toBe(packets.length)
  let passed = 0
  for (const [index, bytes] of packets.entries()) {
    const { extragalactic, row, objectId, candid } = expected[index]!
    const payload = codecOf('avro').decode(messageOf(bytes)) as TransientAlert
    expect(payload).toMatchObject({ objectId, candid })
    expect(verdicts(payload), objectId).toEqual(extragalactic)
    for (const SORTED of [false, true]) {
      const { result } = handle(payload, { SORTED })
      const wanted = extragalactic[SORTED ? 'sorted' : 'upstream']
      expect(result === undefined, objectId).toBe(!wanted)
      if (!wanted) continue
      passed++
      expect(Object.keys(result as object)).toEqual(['value'])
      expect(parseJson(stringifyJson((result as { value: unknown }).value))).toEqual(row)
    }
  }
  return passed
}

describePeers('the extragalactic filter agrees with an independent script', () => {
  test('on 10,000 alerts at the edges of the cuts', async () => {
    const random = new Random(7)
    const lines = Array.from({ length: 10_000 }, (_, number) => jsonWithNaN(edgeAlert(random, number)))
    writeFileSync(join(folder, 'edges.ndjson'), `${lines.join('\n')}\n`)
    const expected = await expectedOf(join(folder, 'edges.ndjson'))
    const ours = lines.map((line) => verdicts(parseJson(line) as TransientAlert))
    const different = lines.filter((_, index) => {
      const { upstream, sorted } = expected[index]!.extragalactic
      return upstream !== ours[index]!.upstream || sorted !== ours[index]!.sorted
    })
    expect(expected.length).toBe(10_000)
    expect(different.slice(0, 5)).toEqual([])
    const passed = ours.filter(({ upstream }) => upstream).length
    const onlySorted = ours.filter(({ upstream, sorted }) => sorted && !upstream).length
    expect(passed).toBeGreaterThan(1000)
    expect(passed).toBeLessThan(9000)
    expect(onlySorted).toBeGreaterThan(300)
  }, 120_000)

  test('on packets of a synthetic night, and so does what the handler publishes', async () => {
    const night = join(folder, 'ztf_20250302_programid1')
    mkdirSync(night)
    const packets = [...ztfAlerts(5).take(300)].map(({ bytes }) => bytes)
    for (const [index, bytes] of packets.entries()) writeFileSync(join(night, `${1000 + index}.avro`), bytes)
    const expected = await expectedOf(night)
    expect(agrees(packets, expected)).toBeGreaterThan(50)
    for (const { archive, objectId, candid, attributes } of expected) {
      expect(archive).toBe(`ztf_20250302_programid1/${objectId}/${candid}.avro`)
      expect(attributes).toEqual({ objectId, candid: String(candid) })
    }
  }, 60_000)

  test('on messages as FileSink writes them, whose place in Kafka is told too', async () => {
    const { bytes, alert } = ztfAlerts(6).next().value!
    const value = Buffer.from(bytes).toString('base64')
    const at = { topic: 'ztf_1', partition: 3, offset: '12', timestamp: '2025-03-02T04:15:03.004Z' }
    writeFileSync(join(folder, 'messages.ndjson'), `${JSON.stringify({ ...at, key: null, headers: [], value })}\n`)
    const expected = await expectedOf(join(folder, 'messages.ndjson'), '--topic', 'unused')
    agrees([bytes], expected)
    expect(expected[0]!.archive).toBe(`ztf_1/${alert.objectId}/${alert.candid}.avro`)
    expect(expected[0]!.attributes).toEqual({
      objectId: alert.objectId,
      candid: String(alert.candid),
      'kafka.topic': 'ztf_1',
      'kafka.partition': '3',
      'kafka.offset': '12',
      'kafka.timestamp': '1740888903004'
    })
  })

  test.skipIf(!existsSync(shared))('on every real packet (skipped where ../shared/data is absent)', async () => {
    const files = readdirSync(shared).toSorted()
    expect(files.length).toBeGreaterThan(0)
    const packets = files.map((file) => readFileSync(join(shared, file)))
    agrees(packets, await expectedOf(shared))
  })

  test('and the cuts before a fit are those of the broker', async () => {
    const row = (day: number, over: object) => ({
      ...{ jd: 2_460_736.5 + day, fid: 1, isdiffpos: 't', magpsf: 19, sigmapsf: 0.2, magzpsci: 26 },
      ...over
    })
    const limit = row(0, { magpsf: null, sigmapsf: null, isdiffpos: null })
    const alerts = [
      [row(1, {}), row(2, {}), row(3, {}), row(4, {})],
      [limit, row(1, {}), row(2, {}), row(3, {}), row(4, { isdiffpos: 'f' })],
      [row(1, { magzpsci: null }), row(2, {}), row(3, { sigmapsf: 0.1 }), row(4, { isdiffpos: '1' }), row(5, {})],
      null
    ].map((rows, index) => ({ objectId: 'a', candid: index, candidate: row(9, {}), prv_candidates: rows }))
    writeFileSync(join(folder, 'cuts.ndjson'), alerts.map((alert) => JSON.stringify(alert)).join('\n'))
    const right = await expectedOf(join(folder, 'cuts.ndjson'))
    const upstream = await expectedOf('--upstream-errors', join(folder, 'cuts.ndjson'))
    expect(right.map(({ salt2 }) => [salt2.rows, salt2.positive, salt2.passes])).toEqual([
      [5, 5, true],
      [5, 4, false],
      [5, 4, false],
      [1, 1, false]
    ])
    expect(right[0]!.salt2.snr).toBeCloseTo(5.4287, 4)
    expect(upstream[0]!.salt2.snr).toBeCloseTo(3.6067, 4)
    expect(upstream[0]!.salt2.passes).toBe(false)
  })
})

describe('the handler extragalactic-transient', () => {
  const sighting = (jd: number) => ({ jd, isdiffpos: 't' })
  const candidate = { ...sighting(2_460_736.7), distpsnr1: null, sgscore1: null, ssdistnr: -999 }
  /** One earlier detection. */
  const young = { candidate, prv_candidates: [sighting(2_460_735.7)] }
  const old = {
    ...{ objectId: 'ZTF17aaarzyp', candid: 2982177112815010003n, candidate },
    prv_candidates: [sighting(2_460_733.7), sighting(2_460_735.7)],
    ...{ cutoutScience: null, cutoutTemplate: null, cutoutDifference: { stampData: Buffer.alloc(9) } }
  }

  test('takes the detections as the broker did, or by time', () => {
    expect(handle(young).result).toBeUndefined()
    expect(handle(young, { SORTED: true }).result).toEqual({ value: young })
  })

  test('publishes the whole alert as JSON, without cut-outs and headers, ids with all digits', () => {
    const { result } = handle(old)
    const { cutoutScience, cutoutTemplate, cutoutDifference, ...rest } = old
    expect(result).toEqual({ value: rest })
    expect(stringifyJson((result as { value: unknown }).value)).toContain('"candid":2982177112815010003')
  })

  test('publishes the alert as it came where that is wanted', () => {
    const { alert, result } = handle(old, { OUTPUT: 'alert' })
    expect(result).toBe(alert)
  })

  test('fails on what is no alert of ZTF', () => {
    expect(() => handle({ diaSource: {} } as unknown as TransientAlert)).toThrow(
      'is ztf_20250302_programid1 a stream of'
    )
  })
})

/** NaN as Python writes it. */
function jsonWithNaN(value: unknown): string {
  const marked = (_: string, one: unknown) =>
    Number.isNaN(one) ? '-NaN-' : typeof one === 'bigint' ? JSON.rawJSON(String(one)) : one
  return JSON.stringify(value, marked).replaceAll('"-NaN-"', 'NaN')
}
