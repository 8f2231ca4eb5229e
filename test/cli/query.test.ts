import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { queryObject } from '../../src/bigquery/object.ts'
import { parseJson } from '../../src/codecs/json-text.ts'
import { BigQueryJobs } from '../google/big-query.ts'
import { bigquery, callBigquery } from '../services/bigquery.ts'
import { describeBigquery } from '../setup/services.ts'
import { alertstreams, alertstreamsBeside } from './program.ts'

describe('alertstreams query, after the documentation of BigQuery', () => {
  let jobs: BigQueryJobs
  beforeEach(async () => {
    jobs = await BigQueryJobs.start()
  })
  afterEach(() => jobs.close())

  const query = (...args: readonly string[]) =>
    alertstreamsBeside(['query', ...args], {
      BIGQUERY_EMULATOR_HOST: new URL(jobs.url).host,
      GOOGLE_CLOUD_PROJECT: 'me'
    })
  const rows = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ f: [{ v: `29821771128150${10000 + n}` }] }))
  const idFields = {
    fields: [
      { name: 'objectId', type: 'STRING' },
      { name: 'candid', type: 'INTEGER' }
    ]
  }

  test('--dry-run says what would be read, and reads nothing', async () => {
    jobs.price = 20_000_000_000
    const { code, lines } = await query('--sql', 'SELECT candid FROM ztf.alerts', '--dry-run')
    expect(code).toBe(0)
    expect(lines).toEqual([
      expect.stringContaining('This query will process 20000000000 bytes: 20.0 GB (about 0.11 USD')
    ])
    expect(jobs.requests.map(({ dryRun }) => dryRun)).toEqual([true])
  })

  test('all pages come, ids with all digits', async () => {
    jobs.rows = rows(2_500)
    const { lines } = await query('--sql', 'SELECT candid FROM ztf.alerts', '--json', '--limit', '0')
    expect(lines).toEqual(rows(2_500).map(({ f }) => `{"candid":${f[0]!.v}}`))
  })

  test('a limit ends it, and is said', async () => {
    jobs.rows = rows(2_500)
    const { lines, errors } = await query('--sql', 'SELECT candid FROM ztf.alerts', '--json', '--limit', '1200')
    expect(lines).toHaveLength(1200)
    expect(errors).toContain('the first 1200 rows')
  })

  test('values stand beside the query', async () => {
    jobs.table = idFields
    await query('--object', "ZTF' OR '1'='1", '--candid', '2982177112815010003', '--table', 'mine.night.alerts')
    expect(jobs.requests).toHaveLength(2)
    for (const { query, queryParameters } of jobs.requests) {
      expect(query).toContain('FROM `mine.night.alerts` AS t\nWHERE (t.`objectId` = @object AND t.`candid` = @alert')
      expect(queryParameters).toEqual([
        { name: 'object', parameterType: { type: 'STRING' }, parameterValue: { value: "ZTF' OR '1'='1" } },
        { name: 'alert', parameterType: { type: 'INT64' }, parameterValue: { value: '2982177112815010003' } },
        { name: 'max_results', parameterType: { type: 'INT64' }, parameterValue: { value: '100' } }
      ])
    }
  })

  test('what is no SELECT, or reads too much, is not run', async () => {
    jobs.statementType = 'DELETE'
    const deletes = await query('--sql', 'DELETE FROM ztf.alerts WHERE true')
    expect(deletes.errors).toContain('DELETE, which is not run. Write one SELECT.')
    expect(deletes.code).toBe(2)
    jobs.statementType = 'SELECT'
    jobs.price = 2_000_000_000_000
    const costs = await query('--sql', 'SELECT * FROM ztf.alerts', '--max-bytes', '1000 GB')
    expect(costs.errors).toContain('would read 2000.0 GB (about 11.37 USD')
    expect(costs.errors).toContain('--max-bytes')
    expect(jobs.requests.every(({ dryRun }) => dryRun)).toBe(true)
  })

  test('a table that is not there is named before anything is asked', async () => {
    const { code, errors } = await query('--object', 'ZTF17aaarzyp', '--table', 'ztf.alerts_v9')
    expect(errors).toContain('there is no table ardent-cycling-243415.ztf.alerts_v9. Name one with --table')
    expect(code).toBe(2)
    expect(jobs.requests).toEqual([])
  })

  test.each([
    [400, 'invalidQuery', 'Unrecognized name: candi', 2, 'Check the SQL of the query.'],
    [403, 'accessDenied', 'Access Denied', 1, 'BigQuery Job User in project me, and check --project and --table.'],
    [401, 'authError', 'Invalid Credentials', 1, '--key-file'],
    [404, 'notFound', 'Not found: Table', 2, 'Check --table and --project.'],
    [403, 'quotaExceeded', 'Quota exceeded', 1, 'quota']
  ])('%i %s is said with what to do', async (status, reason, message, exitCode, remedy) => {
    jobs.refusal = { status, reason, message }
    const { code, errors } = await query('--sql', 'SELECT candi FROM ztf.alerts')
    expect(errors).toContain(message)
    expect(errors).toContain(remedy)
    expect(code).toBe(exitCode)
  })

  test('no answer in time is said', async () => {
    jobs.unfinished = 9_999
    const { code, errors } = await query('--sql', 'SELECT 1', '--timeout', '2s')
    expect(errors).toContain('no answer within 2s. Raise --timeout.')
    expect(code).toBe(1)
  })
})

test.each([
  [[], 'say what is looked for'],
  [['--cone', '400,0,1'], '--cone must be RA,DEC,RADIUS'],
  [['--cone', '10,0'], '--cone must be'],
  [['--object', 'a', '--limit', '-1'], '--limit'],
  [['--object', 'a', '--limit', 'many'], '--limit must be a whole number'],
  [['--object', 'a', '--sql', 'SELECT 1'], '--sql says all'],
  [['--object', 'a', '--table', 'x; DROP'], 'is no name of a table'],
  [['--object', 'a', '--max-bytes', 'much'], '--max-bytes'],
  [['--object', 'a', '--endpoint', 'http://example.org'], '--endpoint']
])('query %j is refused before anybody is asked', async (args, problem) => {
  const { code, errors } = await alertstreamsBeside(['query', ...args], { GOOGLE_CLOUD_PROJECT: 'me' })
  expect(errors).toContain(problem)
  expect(code).toBe(2)
})

test('without a project it says which option is missing, and --help has an example', async () => {
  const { errors } = await alertstreamsBeside(['query', '--object', 'a'], { GOOGLE_CLOUD_PROJECT: '' })
  expect(errors).toContain('--project or GOOGLE_CLOUD_PROJECT')
  expect(alertstreams(['query', '--help']).out.toString()).toContain('Example: alertstreams query --object')
})

describeBigquery('alertstreams query on the stand-in for BigQuery', () => {
  const TABLE = 'me.ztf.alerts'
  let host: string
  const float = (name: string) => ({ name, type: 'FLOAT' })
  const FIELDS = [
    { name: 'objectId', type: 'STRING' },
    { name: 'candid', type: 'INTEGER' },
    {
      name: 'candidate',
      type: 'RECORD',
      fields: [float('jd'), { name: 'fid', type: 'INTEGER' }, ...['magpsf', 'ra', 'dec', 'drb'].map(float)]
    }
  ]
  const candid = (n: number) => 2_982_177_112_815_010_003n + BigInt(n)
  /** Arcseconds east of the place, over 0 = 360 degrees. */
  const alert = (n: number) => ({
    objectId: `ZTF17aaa${n % 10}`,
    candid: String(candid(n)),
    candidate: { jd: 2_460_736 + n, fid: 1, magpsf: 18.25, ra: (360 + (n - 5) / 3600) % 360, dec: 0, drb: 0.5 }
  })
  const query = (...args: readonly string[]) =>
    alertstreamsBeside(['query', '--table', TABLE, ...args], {
      BIGQUERY_EMULATOR_HOST: host,
      GOOGLE_CLOUD_PROJECT: 'me'
    })

  beforeAll(async () => {
    host = await bigquery()
    await callBigquery(host, 'projects/me/datasets', { datasetReference: { projectId: 'me', datasetId: 'ztf' } })
    const tableReference = { projectId: 'me', datasetId: 'ztf', tableId: 'alerts' }
    await callBigquery(host, 'projects/me/datasets/ztf/tables', { tableReference, schema: { fields: FIELDS } })
    const rows = Array.from({ length: 40 }, (_, n) => ({ json: alert(n) }))
    await callBigquery(host, 'projects/me/datasets/ztf/tables/alerts/insertAll', { rows })
  }, 180_000)

  test('the alerts of an object look as the alerts do, newest first', async () => {
    const { lines, code } = await query('--object', 'ZTF17aaa3', '--json')
    expect(code).toBe(0)
    const expected = [33, 23, 13, 3].map((n) => {
      const { jd, fid, magpsf, ra, dec } = alert(n).candidate
      return { objectId: 'ZTF17aaa3', candid: candid(n), candidate: { jd, fid, magpsf, ra, dec } }
    })
    expect(lines.map((line) => parseJson(line))).toEqual(expected)
  })

  test('queryObject gives the same to other commands, all rows', async () => {
    vi.stubEnv('BIGQUERY_EMULATOR_HOST', host)
    const rows = await queryObject('ZTF17aaa3', { project: 'me', table: TABLE, columns: ['candid', 'candidate.drb'] })
    vi.unstubAllEnvs()
    expect(rows).toEqual([33, 23, 13, 3].map((n) => ({ candid: candid(n), candidate: { drb: 0.5 } })))
  })

  test('one alert, as a table', async () => {
    const { lines } = await query('--candid', String(candid(7)), '--columns', 'objectId,candid,candidate.magpsf')
    expect(lines).toEqual([
      'objectId   candid               candidate.magpsf',
      'ZTF17aaa7  2982177112815010010             18.25'
    ])
  })

  test('a cone goes over 0 = 360 degrees', async () => {
    const { lines } = await query('--cone', '0,0,3.5', '--columns', 'candid', '--json')
    expect(lines).toEqual([8, 7, 6, 5, 4, 3, 2].map((n) => `{"candid":${candid(n)}}`))
  })

  test("SQL of one's own", async () => {
    const { lines } = await alertstreamsBeside(
      ['query', '--sql', 'SELECT COUNT(*) AS n FROM `me.ztf.alerts`', '--json'],
      {
        BIGQUERY_EMULATOR_HOST: host,
        GOOGLE_CLOUD_PROJECT: 'me'
      }
    )
    expect(lines).toEqual(['{"n":40}'])
  })

  test('nothing found is no error, and is said', async () => {
    const { lines, errors, code } = await query('--object', 'ZTF00nothing')
    expect([lines, code]).toEqual([[], 0])
    expect(errors).toContain('no row matches')
  })
})
