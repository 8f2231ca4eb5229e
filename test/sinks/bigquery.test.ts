import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Source } from '../../src/contract/sink.ts'
import { BigQuerySink } from '../../src/sinks/bigquery.ts'
import { RecordingLog } from '../contract/log.ts'
import { PATIENCE } from '../contract/reading.ts'
import { sinkSetup, sourceOf } from '../contract/sink-bench.ts'
import { BigQueryTables } from '../google/big-query-tables.ts'
import { readOptions } from '../kafka/options.ts'

const FIELDS = [
  { name: 'candid', type: 'INTEGER', mode: 'REQUIRED' },
  { name: 'magpsf', type: 'FLOAT' },
  { name: 'note', type: 'STRING' }
]
const LETTERS = [
  ...['code', 'reason', 'stack', 'stream', 'route', 'topic', 'offset'].map((name) => ({ name, type: 'STRING' })),
  ...['partition', 'attempts'].map((name) => ({ name, type: 'INTEGER' })),
  ...['key', 'value'].map((name) => ({ name, type: 'BYTES' })),
  ...[
    { name: 'headers', type: 'JSON' },
    { name: 'timestamp', type: 'TIMESTAMP' }
  ]
]

let bigquery: BigQueryTables
let log: RecordingLog
beforeEach(async () => {
  bigquery = await BigQueryTables.start()
  log = new RecordingLog()
  vi.stubEnv('BIGQUERY_EMULATOR_HOST', bigquery.host)
  return () => bigquery.close()
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
})

const open = (more: Readonly<Record<string, unknown>> = {}) =>
  new BigQuerySink(
    readOptions(BigQuerySink.fields, { PROJECT: 'me', TABLE: 'ztf.alerts', ...more }),
    sinkSetup({ log })
  )

/** Messages of one record each. */
const place = (sink: BigQuerySink, values: readonly unknown[], from: () => Source = sourceOf) =>
  values.map((value) => sink.place({ value }, from()))

const write = (sink: BigQuerySink, batch: Parameters<BigQuerySink['write']>[0]) =>
  sink.write(batch, AbortSignal.timeout(PATIENCE))

const candid = (n: number) => 2_982_177_112_815_010_003n + BigInt(n)
const alerts = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({ candid: candid(first + n), magpsf: 18 + n / 8 }))

const thrown = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error
  )

test('rows that come again, from a process that was killed say, are kept once', async () => {
  const table = bigquery.make('ztf', 'alerts', FIELDS)
  const first = open()
  bigquery.inserted = () => new Promise(() => {})
  const late = write(first, place(first, alerts(0, 3))).catch(() => 'never answered')
  await vi.waitFor(() => expect(table.rows).toHaveLength(3))
  bigquery.inserted = async () => {}

  const second = open()
  expect(await write(second, place(second, alerts(0, 5)))).toEqual([])
  expect(table.rows.map((row) => row.candid)).toEqual([0, 1, 2, 3, 4].map((n) => String(candid(n))))
  bigquery.close()
  expect(await late).toBe('never answered')
})

test('without an id in the row the id of the message is taken, and several rows of a message are told apart', async () => {
  const table = bigquery.make('ztf', 'alerts', [{ name: 'note', type: 'STRING' }])
  const sink = open()
  for (let delivery = 0; delivery < 2; delivery++) {
    const source = sourceOf({ topic: 'ztf', id: 'ztf/0/17' })
    await write(
      sink,
      place(sink, [{ note: 'one' }, { note: 'two' }], () => source)
    )
  }
  expect(table.rows).toEqual([{ note: 'one' }, { note: 'two' }])
  expect([...table.insertIds]).toEqual(['a-stream/ztf/ztf/0/17', 'a-stream/ztf/ztf/0/17/1'])
})

test('INSERT_ID names another field', async () => {
  const table = bigquery.make('ztf', 'alerts', FIELDS)
  const sink = open({ INSERT_ID: 'fit.id' })
  await write(
    sink,
    place(sink, [
      { candid: 1, fit: { id: 'x'.repeat(200) } },
      { candid: 1, fit: { id: 7n } }
    ])
  )
  expect([...table.insertIds]).toEqual([expect.stringMatching(/^[0-9a-f]{40,64}$/), '7'])
})

test('a row that does not fit is refused with what is wrong, and the others are taken', async () => {
  const table = bigquery.make('ztf', 'alerts', FIELDS)
  const sink = open()
  const values = [...alerts(0, 2), { candid: candid(2), magpsf: 'faint' }, { magpsf: 18 }, ...alerts(4, 2)]
  expect(await write(sink, place(sink, values))).toEqual([
    { index: 2, code: 'SINK_REJECTED', reason: 'ztf.alerts: magpsf is a column of FLOAT, and the row has text there' },
    { index: 3, code: 'SINK_REJECTED', reason: 'ztf.alerts: the table needs candid, which the row does not have' }
  ])
  expect(table.rows).toHaveLength(4)
})

test.each([
  ['TIMESTAMP', new Date(Number.NaN), 'time is a column of TIMESTAMP, and the row has no time there'],
  ['TIMESTAMP', 1e30, 'time is a column of TIMESTAMP, and the row has no time there'],
  ['DATE', new Date(Number.NaN), 'time is a column of DATE, and the row has no time there'],
  ['STRING', new Date(Number.NaN), 'time is a column of STRING, and the row has no time there']
])('what is no time is refused in a column of %s, and holds nobody up: %s', async (type, time, reason) => {
  const table = bigquery.make('ztf', 'alerts', [...FIELDS, { name: 'time', type }])
  const sink = open()
  const [first, last] = alerts(0, 2)
  expect(await write(sink, place(sink, [first, { candid: 7, time }, last]))).toEqual([
    { index: 1, code: 'SINK_REJECTED', reason: `ztf.alerts: ${reason}` }
  ])
  expect(table.rows).toHaveLength(2)
})

test('a row of which nothing can be made is refused, whatever the reason', async () => {
  const table = bigquery.make('ztf', 'alerts', FIELDS)
  const sink = open()
  const odd = {
    candid: 7,
    get magpsf(): number {
      throw new RangeError('out of range')
    }
  }
  const batch = place(sink, [...alerts(0, 1), { candid: 7 }]).map((one, n) => (n === 1 ? { ...one, record: odd } : one))
  expect(await write(sink, batch)).toEqual([
    { index: 1, code: 'SINK_REJECTED', reason: 'ztf.alerts: no row can be made of it: out of range' }
  ])
  expect(table.rows).toHaveLength(1)
})

test("a row that BigQuery refuses has BigQuery's words, and those that it stopped are sent again", async () => {
  const table = bigquery.make('ztf', 'alerts', FIELDS)
  const sink = open()
  await sink.connect(AbortSignal.timeout(PATIENCE))
  bigquery.stops = true
  // Since the columns were looked at, somebody has changed one.
  table.fields = [FIELDS[0]!, { name: 'magpsf', type: 'FLOAT' }, { name: 'note', type: 'DATE' }]
  const values = [...alerts(0, 2), { candid: candid(2), note: 'no date' }, ...alerts(3, 2)]
  expect(await write(sink, place(sink, values))).toEqual([
    {
      index: 2,
      code: 'SINK_REJECTED',
      reason: 'ztf.alerts: invalid at note: Cannot convert value to date (bad value).'
    }
  ])
  expect(table.rows.map((row) => row.candid)).toEqual([0, 1, 3, 4].map((n) => String(candid(n))))
  expect(bigquery.requests).toEqual([5, 4])
})

test('a row that BigQuery could not take at the moment is sent again; if none is taken the target is at fault', async () => {
  const table = bigquery.make('ztf', 'alerts', FIELDS)
  const sink = open()
  bigquery.passing.set(String(candid(1)), { reason: 'backendError', count: 1 })
  expect(await write(sink, place(sink, alerts(0, 3)))).toEqual([])
  expect(table.rows).toHaveLength(3)
  bigquery.passing.set(String(candid(9)), { reason: 'timeout', count: 1 })
  const batch = place(sink, alerts(9, 1))
  expect(await thrown(write(sink, batch))).toMatchObject({
    code: 'SINK_UNAVAILABLE',
    message: expect.stringContaining('timeout')
  })
  expect(await write(sink, batch)).toEqual([])
  expect(table.rows).toHaveLength(4)
})

test('a column that was taken away is not written any more, and one that was added is found', async () => {
  const table = bigquery.make('ztf', 'alerts', FIELDS)
  const sink = open()
  await write(sink, place(sink, [{ candid: 1, note: 'one' }]))
  table.fields = FIELDS.slice(0, 2)
  expect(await write(sink, place(sink, [{ candid: 2, note: 'two', magpsf: 1 }]))).toEqual([])
  table.fields = [...FIELDS, { name: 'rb', type: 'FLOAT' }]
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 })
  expect(await write(sink, place(sink, [{ candid: 3, note: 'three', rb: 0.5 }]))).toEqual([])
  expect(table.rows).toEqual([
    { candid: '1', note: 'one' },
    { candid: '2', magpsf: 1 },
    { candid: '3', note: 'three', rb: 0.5 }
  ])
  expect(bigquery.looks).toBe(3)
})

test('a column that is no longer required is not asked for any more', async () => {
  const table = bigquery.make('ztf', 'alerts', FIELDS)
  const sink = open()
  expect(await write(sink, place(sink, [{ magpsf: 1 }]))).toHaveLength(1)
  table.fields = FIELDS.slice(1)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 })
  expect(await write(sink, place(sink, [{ magpsf: 2 }]))).toEqual([])
  expect(table.rows).toEqual([{ magpsf: 2 }])
})

test('fields without a column are left out and named once, or refused', async () => {
  const table = bigquery.make('ztf', 'alerts', FIELDS)
  const row = { candid: 1, candidate: { rb: 0.5 }, schemavsn: '4.02', cutoutScience: { stampData: Uint8Array.of(1) } }
  const sink = open()
  for (let n = 0; n < 3; n++) await write(sink, place(sink, [{ ...row, candid: n }]))
  expect(log.texts('warn')).toEqual(['BigQuery, table me.ztf.alerts has no column for candidate, schemavsn: left out'])
  expect(table.rows).toHaveLength(3)
  const strict = open({ UNKNOWN: 'reject' })
  expect(await write(strict, place(strict, [row, { candid: 7 }]))).toEqual([
    { index: 0, code: 'SINK_REJECTED', reason: 'ztf.alerts: the table has no column for candidate, schemavsn' }
  ])
})

test('requests have at most 500 rows and 10 MB; what is too large is halved, and one row too large is refused', async () => {
  const table = bigquery.make('ztf', 'alerts', FIELDS)
  const sink = open()
  expect(await write(sink, place(sink, alerts(0, 1_200)))).toEqual([])
  expect(bigquery.requests).toEqual([500, 500, 200])
  const large = (n: number) => ({ candid: candid(2_000 + n), note: 'x'.repeat(3_000_000) })
  expect(await write(sink, place(sink, [0, 1, 2, 3].map(large)))).toEqual([])
  expect(bigquery.requests.slice(3)).toEqual([3, 1])
  expect(table.rows).toHaveLength(1_204)

  bigquery.mostBytes = 4_000_000
  const values = [
    large(10),
    { candid: 1, note: 'x'.repeat(5_000_000) },
    large(11),
    { candid: 2, note: 'x'.repeat(11_000_000) }
  ]
  expect(await write(sink, place(sink, values))).toEqual([
    { index: 1, code: 'SINK_REJECTED', reason: 'ztf.alerts: it is larger than BigQuery takes' },
    { index: 3, code: 'SINK_REJECTED', reason: 'ztf.alerts: it is larger than the 10 MB that BigQuery takes' }
  ])
  expect(table.rows).toHaveLength(1_206)
})

test.each([
  [404, 'notFound', 'alertstreams setup'],
  [400, 'invalid', 'alertstreams setup'],
  [401, 'authError', 'KEY_FILE'],
  [403, 'accessDenied', 'BigQuery Data Editor'],
  [403, 'quotaExceeded', 'quota'],
  [403, 'rateLimitExceeded', 'quota'],
  [429, 'rateLimitExceeded', 'quota'],
  [500, 'internalError', 'BIGQUERY_EMULATOR_HOST'],
  [503, 'backendError', 'BIGQUERY_EMULATOR_HOST']
])('%i %s is a fault of the target, and the same rows are written afterwards', async (status, reason, remedy) => {
  const table = bigquery.make('ztf', 'alerts', FIELDS)
  const sink = open()
  const batch = place(sink, alerts(0, 3))
  bigquery.refusal = { status, reason, message: 'Google says no' }
  expect(await thrown(write(sink, batch))).toMatchObject({
    code: 'SINK_UNAVAILABLE',
    message: 'BigQuery, table me.ztf.alerts: Google says no',
    remedy: expect.stringContaining(remedy)
  })
  bigquery.refusal = undefined
  expect(await write(sink, batch)).toEqual([])
  expect(table.rows).toHaveLength(3)
})

test.each([
  ['without its number is the first', { errors: [{ reason: 'invalid' }] }, [expect.objectContaining({ index: 0 })]],
  ['that was not sent is no answer', { index: 7, errors: [{ reason: 'invalid' }] }, 'SINK_UNAVAILABLE']
])('a refused row %s', async (_, insertError, outcome) => {
  bigquery.make('ztf', 'alerts', FIELDS)
  bigquery.answer = { insertErrors: [insertError] }
  const sink = open()
  const written = await write(sink, place(sink, alerts(0, 2))).catch(({ code }) => code)
  expect(written).toEqual(outcome)
})

test('no answer in time is a fault of the target', async () => {
  bigquery.make('ztf', 'alerts', FIELDS)
  bigquery.inserted = () => new Promise(() => {})
  const sink = open({ TIMEOUT: '500ms' })
  expect(await thrown(write(sink, place(sink, alerts(0, 1))))).toMatchObject({
    code: 'SINK_UNAVAILABLE',
    message: expect.stringContaining('no answer within 0.5 s')
  })
})

test('a table that is not there is said at the start, with what makes it', async () => {
  expect(await thrown(open().connect(AbortSignal.timeout(PATIENCE)))).toMatchObject({
    code: 'SINK_UNAVAILABLE',
    message: 'BigQuery, table me.ztf.alerts: there is no such table',
    remedy: expect.stringContaining('alertstreams setup')
  })
})

test('a template of topics is a table each, in the names that tables may have', async () => {
  const one = bigquery.make('ztf', 'ztf_20250302_programid1', FIELDS)
  const other = bigquery.make('ztf', 'of_ours', FIELDS)
  const sink = open({ TABLE: 'ztf.{topic}' })
  await sink.connect(AbortSignal.timeout(PATIENCE))
  await write(sink, [sink.place({ value: { candid: 1 } }, sourceOf({ topic: 'ztf_20250302_programid1' }))])
  await write(sink, [sink.place({ value: { candid: 2 }, topic: 'of.ours' }, sourceOf())])
  expect([one.rows, other.rows]).toEqual([[{ candid: '1' }], [{ candid: '2' }]])
  const datasets = open({ TABLE: '{topic}.alerts' })
  expect(() => datasets.place({ value: {}, topic: 'a-b' }, sourceOf())).toThrow('a dataset has no hyphen')
})

test('dead letters are rows too, if the table has the columns for them', async () => {
  const table = bigquery.make('ztf', 'letters', LETTERS)
  bigquery.make('ztf', 'alerts', FIELDS)
  const failure = { code: 'DECODE_FAILED', reason: 'not Avro', stack: undefined, attempts: 1 }
  const source = () => sourceOf({ bytes: Uint8Array.of(0, 255), headers: [['a', null]] }, { failure })
  const sink = open({ TABLE: 'ztf.letters' })
  expect(await write(sink, [sink.place({ value: Uint8Array.of(0, 255) }, source())])).toEqual([])
  expect(table.rows).toEqual([
    expect.objectContaining({
      code: 'DECODE_FAILED',
      reason: 'not Avro',
      value: 'AP8=',
      headers: '[["a",null]]',
      attempts: '1'
    })
  ])
  const wrong = open()
  const [rejection] = await write(wrong, [wrong.place({ value: null }, source())])
  expect(rejection).toMatchObject({ code: 'SINK_REJECTED', reason: expect.stringContaining('candid') })
})

test.each([
  ['a list', [1, 2]],
  ['text', 'text'],
  ['null', null],
  ['bytes that are no JSON', Uint8Array.of(1, 2)]
])('%s is no row', (_what, value) => {
  const sink = open()
  expect(() => sink.place({ value }, sourceOf())).toThrow(expect.objectContaining({ code: 'SINK_REJECTED' }))
})

test('what cannot be a table is found by check', () => {
  const options = (TABLE: string) => readOptions(BigQuerySink.fields, { PROJECT: 'me', TABLE })
  expect(() => BigQuerySink.writes(options('alerts'))).toThrow('"alerts" is no table of BigQuery')
  expect(() => BigQuerySink.writes(options('a.b.c'))).toThrow('no table')
  expect(() => BigQuerySink.writes(options('ztf.{topic}'))).not.toThrow()
})
