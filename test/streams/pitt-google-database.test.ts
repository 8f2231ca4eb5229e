import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Delivery, StreamEvent } from '../../src/contract/stream.ts'
import { PittGoogleDatabaseStream } from '../../src/streams/pitt-google-database.ts'
import { RecordingLog, streamSetup, TestRoom } from '../contract/index.ts'
import { Reading } from '../contract/reading.ts'
import { expectNone } from '../contract/secrets.ts'
import { BigQueryJobs, failure } from '../google/big-query.ts'
import { databaseOptionsOf } from '../google/database-options.ts'
import { canary, Google, loginFile } from '../google/google.ts'
import { bigquery, callBigquery } from '../services/bigquery.ts'
import { describeBigquery } from '../setup/services.ts'

type Options = Parameters<typeof databaseOptionsOf>[0]

function open(options: Options, log = new RecordingLog(), events: StreamEvent[] = []) {
  const room = new TestRoom()
  const setup = streamSetup({ log, room, note: (event) => events.push(event) })
  return { stream: new PittGoogleDatabaseStream(databaseOptionsOf({ PROJECT: 'me', ...options }), setup), room }
}

/** All rows, as payloads. */
async function rowsOf(options: Options, log?: RecordingLog, events?: StreamEvent[]): Promise<readonly unknown[]> {
  const { stream, room } = open(options, log, events)
  const reading = await Reading.start(stream, room)
  while (!reading.isOver) reading.ack(await reading.rest(20))
  await reading.end()
  await reading.close()
  return reading.deliveries.map(({ message }) => stream.codec.decode(message))
}

async function refusal(options: Options, log?: RecordingLog): Promise<unknown> {
  return rowsOf(options, log).then(
    () => undefined,
    (thrown: unknown) => thrown
  )
}

describe('PittGoogleDatabaseStream, after the documentation of BigQuery', () => {
  let jobs: BigQueryJobs
  let google: Google
  let own: Options

  beforeAll(() => {
    delete process.env.BIGQUERY_EMULATOR_HOST
  })
  beforeEach(async () => {
    jobs = await BigQueryJobs.start()
    google = await Google.start(jobs.url)
    own = { ENDPOINT: google.url, TOKEN_FILE: loginFile(google.url) }
    return async () => {
      await google.close()
      jobs.close()
    }
  })

  const cells = (...values: unknown[]) => ({ f: values.map((v) => ({ v })) })
  const candids = (count: number) => Array.from({ length: count }, (_, n) => cells(`29821771128150100${n + 10}`))

  test('values stand beside the query and never in it', async () => {
    await rowsOf({
      ...own,
      OBJECT_ID: "ZTF' OR '1'='1",
      WHERE: 'candidate.magpsf < @faint AND candidate.fid IN UNNEST(@bands) -- bright',
      PARAMETERS: [
        { name: 'faint', parameterType: { type: 'FLOAT64' }, parameterValue: { value: '18.5' } },
        {
          name: 'bands',
          parameterType: { type: 'ARRAY', arrayType: { type: 'INT64' } },
          parameterValue: { arrayValues: [{ value: '1' }, { value: '2' }] }
        }
      ],
      MAX_RESULTS: 100
    })
    expect(jobs.requests).toHaveLength(2)
    for (const { query, queryParameters } of jobs.requests) {
      expect(query).not.toContain("'1'='1")
      expect(query).toContain('-- bright\n) AND t.objectId = @objectId')
      expect(query).toContain('ORDER BY t.`candidate`.`jd` DESC\nLIMIT @max_results')
      expect(query).toContain('STRUCT(t.`candidate`.`jd` AS `jd`, t.`candidate`.`fid` AS `fid`')
      expect(queryParameters).toEqual([
        { name: 'faint', parameterType: { type: 'FLOAT64' }, parameterValue: { value: '18.5' } },
        expect.objectContaining({ name: 'bands' }),
        { name: 'objectId', parameterType: { type: 'STRING' }, parameterValue: { value: "ZTF' OR '1'='1" } },
        { name: 'max_results', parameterType: { type: 'INT64' }, parameterValue: { value: '100' } }
      ])
    }
  })

  test('the price is shown before, and sent along as the cap', async () => {
    jobs.price = 20_000_000_000
    const log = new RecordingLog()
    await rowsOf({ ...own, MAX_BYTES_BILLED: 30e9 }, log)
    expect(log.texts('info').join()).toContain('the query reads 20.0 GB (about 0.11 USD')
    expect(jobs.requests.map(({ dryRun = false, maximumBytesBilled }) => [dryRun, maximumBytesBilled])).toEqual([
      [true, undefined],
      [false, '30000000000']
    ])
  })

  test('a query above MAX_BYTES_BILLED is never sent', async () => {
    jobs.price = 2_000_000_000_000
    expect(await refusal(own)).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('2000.0 GB (about 11.37 USD'),
      remedy: expect.stringContaining('MAX_BYTES_BILLED')
    })
    expect(jobs.requests).toHaveLength(1)
  })

  test('pages of a job that takes its time come whole and in order, ids with all digits', async () => {
    jobs.rows = candids(25)
    jobs.page = 10
    jobs.unfinished = 3
    const rows = await rowsOf(own)
    expect(rows).toEqual(Array.from({ length: 25 }, (_, n) => ({ candid: BigInt(`29821771128150100${n + 10}`) })))
    expect(jobs.jobs.size).toBe(1)
  })

  test.each([
    [503, 'backendError'],
    [429, 'rateLimitExceeded'],
    [403, 'rateLimitExceeded'],
    [500, 'internalError']
  ])('%i %s is ridden out page by page, in one job', { timeout: 20_000 }, async (status, reason) => {
    jobs.rows = candids(25)
    jobs.page = 10
    const events: StreamEvent[] = []
    const { stream, room } = open(own, undefined, events)
    await stream.connect(AbortSignal.timeout(10_000))
    google.faults.set('/queries', { status, count: 2, body: failure(status, reason, 'later') })
    google.faults.set('/job-0', { status, count: 2, body: failure(status, reason, 'later') })
    let count = 0
    for await (const batch of stream.read(AbortSignal.timeout(20_000))) {
      count += batch.length
      for (const delivery of batch) {
        delivery.ack()
        room.release(delivery.message.size)
      }
    }
    await stream.close()
    expect(count).toBe(25)
    expect(jobs.jobs.size).toBe(1)
    expect(events.map(({ kind }) => kind)).toEqual(['waiting', 'reading', 'waiting', 'reading', 'committed'])
  })

  test('a token that ends between two pages is renewed', async () => {
    jobs.rows = candids(25)
    jobs.page = 10
    const { stream } = open(own)
    await stream.connect(AbortSignal.timeout(10_000))
    let count = 0
    for await (const batch of stream.read(AbortSignal.timeout(10_000))) {
      count += batch.length
      google.good.clear()
    }
    expect(count).toBe(25)
    expect(google.given).toBe(3)
    await stream.close()
  })

  test.each([
    [400, 'invalidQuery', 'CONFIG_INVALID', 'COLUMNS'],
    [404, 'notFound', 'CONFIG_INVALID', 'TABLE'],
    [403, 'accessDenied', 'CREDENTIALS_REFUSED', 'Job User'],
    [401, 'authError', 'CREDENTIALS_REFUSED', 'login'],
    [403, 'quotaExceeded', 'CONNECT_FAILED', 'quota']
  ])('%i %s is %s', async (status, reason, code, remedy) => {
    const log = new RecordingLog()
    google.faults.set('/queries', { status, count: 9, body: failure(status, reason, 'Google says no') })
    const error = await refusal(own, log)
    expect(error).toMatchObject({
      code,
      message: expect.stringContaining('Google says no'),
      remedy: expect.stringContaining(remedy)
    })
    expectNone(Object.values(canary), [error, log.lines])
  })

  test('a price that rises after it was asked meets the cap', async () => {
    const { stream } = open({ ...own, MAX_BYTES_BILLED: 50_000_000 })
    await stream.connect(AbortSignal.timeout(10_000))
    jobs.price = 60_000_000
    await expect(stream.read(AbortSignal.timeout(9_000)).next()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      remedy: expect.stringContaining('MAX_BYTES_BILLED')
    })
    await stream.close()
  })

  test('what is no SELECT is not run', async () => {
    jobs.statementType = 'SCRIPT'
    expect(await refusal(own)).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('SCRIPT') })
    expect(jobs.requests).toHaveLength(1)
  })

  test('an answer that is cut off is asked for again', async () => {
    jobs.rows = candids(3)
    const { stream } = open(own)
    await stream.connect(AbortSignal.timeout(10_000))
    google.faults.set('/queries', { status: 200, count: 1, body: 'not an object' })
    const first = await stream.read(AbortSignal.timeout(9_000)).next()
    expect(first.value).toHaveLength(3)
    await stream.close()
  })

  test('equal rows have equal ids, in whatever order they come', async () => {
    const ids = async (rows: readonly unknown[]) => {
      jobs.rows = rows
      const { stream } = open(own)
      await stream.connect(AbortSignal.timeout(10_000))
      const { value } = await stream.read(AbortSignal.timeout(9_000)).next()
      await stream.close()
      return (value as readonly Delivery[]).map(({ message }) => message.id)
    }
    const [first = '', second = ''] = await ids(candids(2))
    expect(first).not.toBe(second)
    expect(await ids(candids(2).toReversed())).toEqual([second, first])
  })

  test('TOPIC_HANDLERS has to take the table', async () => {
    const stream = new PittGoogleDatabaseStream(
      databaseOptionsOf({ ...own, PROJECT: 'me' }),
      streamSetup({ topics: ['ztf-loop'] })
    )
    await expect(stream.connect(AbortSignal.timeout(1_000))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      remedy: expect.stringContaining('ztf.alerts_v4_02')
    })
  })

  test('OBJECT_ID and CANDID exclude each other', () => {
    expect(() => PittGoogleDatabaseStream.reads(databaseOptionsOf({ OBJECT_ID: 'a', CANDID: '1' }))).toThrow(
      'OBJECT_ID'
    )
  })
})

describeBigquery('PittGoogleDatabaseStream on the stand-in for BigQuery', () => {
  const project = 'ardent'
  const TABLE = `${project}.ztf.alerts`
  let google: Google
  let own: Options

  const FIELDS = [
    { name: 'objectId', type: 'STRING' },
    { name: 'candid', type: 'INTEGER' },
    {
      name: 'candidate',
      type: 'RECORD',
      fields: ['jd', 'magpsf', 'ra', 'dec', 'classtar']
        .map((name) => ({ name, type: 'FLOAT' }))
        .concat({ name: 'fid', type: 'INTEGER' })
    },
    {
      name: 'prv_candidates',
      type: 'RECORD',
      mode: 'REPEATED',
      fields: [
        { name: 'jd', type: 'FLOAT' },
        { name: 'candid', type: 'INTEGER' }
      ]
    },
    { name: 'zero', type: 'NUMERIC' },
    { name: 'published', type: 'TIMESTAMP' },
    { name: 'stamp', type: 'BYTES' },
    { name: 'good', type: 'BOOLEAN' },
    { name: 'tags', type: 'STRING', mode: 'REPEATED' }
  ]
  const candid = (n: number) => 2_982_177_112_815_010_003n + BigInt(n)
  const alert = (n: number) => ({
    objectId: `ZTF17aaa${n % 10}`,
    candid: String(candid(n)),
    candidate: {
      jd: 2_460_736 + n / 1000,
      magpsf: 15 + (n % 100) / 20,
      ra: 97.5,
      dec: -2.5,
      classtar: 0.75,
      fid: 1 + (n % 3)
    },
    prv_candidates: n % 2 === 0 ? [] : [{ jd: 2_460_000.5, candid: String(candid(-n)) }],
    zero: '26.123456789',
    published: '2025-03-02T04:15:03.123456Z',
    stamp: Buffer.from([255, 0, n % 256]).toString('base64'),
    good: n % 2 === 0,
    tags: ['a', 'b']
  })

  beforeAll(async () => {
    delete process.env.BIGQUERY_EMULATOR_HOST
    const host = await bigquery()
    google = await Google.start(`http://${host}`)
    const datasets = `projects/${project}/datasets`
    await callBigquery(host, datasets, { datasetReference: { projectId: project, datasetId: 'ztf' } })
    const tableReference = { projectId: project, datasetId: 'ztf', tableId: 'alerts' }
    await callBigquery(host, `${datasets}/ztf/tables`, { tableReference, schema: { fields: FIELDS } })
    const rows = Array.from({ length: 2_500 }, (_, n) => ({ json: alert(n) }))
    for (let i = 0; i < rows.length; i += 500) {
      await callBigquery(host, `${datasets}/ztf/tables/alerts/insertAll`, { rows: rows.slice(i, i + 500) })
    }
  }, 180_000)
  beforeEach(() => {
    own = { PROJECT: project, TABLE, ENDPOINT: google.url, TOKEN_FILE: loginFile(google.url) }
  })
  afterAll(async () => {
    await google?.close()
  })

  test('the alerts of an object, newest first, look as those of a stream do', async () => {
    const rows = await rowsOf({ ...own, OBJECT_ID: 'ZTF17aaa3', MAX_RESULTS: 2 })
    expect(rows).toEqual(
      [2493, 2483].map((n) => ({ objectId: 'ZTF17aaa3', candid: candid(n), candidate: alert(n).candidate }))
    )
  })

  test('one alert by its candid, every digit of it', async () => {
    const rows = await rowsOf({ ...own, CANDID: String(candid(42)), COLUMNS: ['candid', 'candidate'] })
    expect(rows).toEqual([{ candid: candid(42), candidate: alert(42).candidate }])
  })

  test('a condition with parameters, and all columns with their types', async () => {
    const parameter = { name: 'id', parameterType: { type: 'INT64' }, parameterValue: { value: String(candid(7)) } }
    const [row] = await rowsOf({
      ...own,
      WHERE: 'candid = @id AND candidate.magpsf < 20',
      PARAMETERS: [parameter],
      COLUMNS: ['*']
    })
    expect(row).toEqual({
      ...alert(7),
      candid: candid(7),
      prv_candidates: [{ jd: 2_460_000.5, candid: candid(-7) }]
    })
  })

  test('thousands of rows come page by page, each once', async () => {
    const rows = await rowsOf({ ...own, COLUMNS: ['candid'], SORT: ['candid ASC'] })
    expect(rows).toEqual(Array.from({ length: 2_500 }, (_, n) => ({ candid: candid(n) })))
  })

  test('a table that is not there is said so', async () => {
    expect(await refusal({ ...own, TABLE: `${project}.ztf.nowhere` })).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('nowhere')
    })
  })
})
