import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type TableName, tableNames, tableOf } from '../../src/database/tables.ts'
import type { DatabaseSink } from '../../src/sinks/database.ts'
import { lsstAlert } from '../codecs/lsst-sample.ts'
import { PATIENCE } from '../contract/reading.ts'
import { sourceOf } from '../contract/sink-bench.ts'
import { openSink, postgresql, sqlite, type TestDatabase, writeTo } from '../database/rows.ts'
import { describePostgres } from '../services/postgres.ts'

const CANDID = 2982177112815010003n
const ztf = {
  objectId: 'ZTF17aaarzyp',
  candid: CANDID,
  candidate: {
    jd: 2460736.6771181,
    fid: 2,
    ra: 97.8890196,
    dec: -2.798349,
    magpsf: 15.883607864379883,
    sigmapsf: 0.060728,
    isdiffpos: 'f',
    drb: Number.NaN,
    ssdistnr: -999
  },
  cutoutScience: { fileName: 'science.fits.gz', stampData: new Uint8Array([1, 2, 3]) }
}

for (const [kind, describeKind] of [
  [sqlite, describe],
  [postgresql, describePostgres]
] as const) {
  describeKind(`rows in ${kind.name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'database-rows-'))
    afterAll(() => rmSync(folder, { recursive: true }))
    let count = 0

    function check(title: string, body: (sink: DatabaseSink, db: TestDatabase) => Promise<void>): void {
      test(title, { timeout: 3 * PATIENCE }, async () => {
        const db = await kind.create(join(folder, String(count++)))
        const sink = openSink(db)
        await sink.connect(AbortSignal.timeout(PATIENCE))
        await body(sink, db).finally(() => sink.close())
      })
    }

    check('a ZTF alert is an alert, a target and a measurement', async (sink, db) => {
      expect(await writeTo(sink, [ztf])).toEqual([])
      const alerts = await db.rows('SELECT *, CAST(payload AS TEXT) AS json FROM alerts')
      expect(alerts).toMatchObject([
        {
          stream: 'a-stream',
          topic: 'origin',
          alert_id: String(CANDID),
          object_id: 'ZTF17aaarzyp',
          ra: 97.8890196,
          dec: -2.798349,
          mjd: 60736.1771181,
          filter: 'r',
          magnitude: 15.883608,
          magnitude_error: 0.060728,
          flux: null,
          bytes: null
        }
      ])
      expect(new Date(alerts[0]!.published_at as string).toISOString()).toBe('2025-03-02T04:15:03.004Z')
      expect(alerts[0]!.json).toContain(`"candid":${CANDID}`)
      expect(alerts[0]!.json).toContain('"drb":null')
      expect(alerts[0]!.json).toContain('"cutoutScience":{"fileName":"science.fits.gz"}')
      expect(await db.rows('SELECT name, type, ra, dec, last_mjd FROM targets')).toEqual([
        { name: 'ZTF17aaarzyp', type: 'SIDEREAL', ra: 97.8890196, dec: -2.798349, last_mjd: 60736.1771181 }
      ])
      const [measured, ...more] = await db.rows('SELECT * FROM photometry')
      expect(more).toEqual([])
      expect(measured).toMatchObject({
        target: 'ZTF17aaarzyp',
        alert_id: String(CANDID),
        magnitude: 15.883608,
        unit: 'AB'
      })
      expect(Number(measured!.sign)).toBe(-1)
    })

    check('an LSST alert has its flux in nJy, its time in UTC, all digits of its ids', async (sink, db) => {
      const source = { diaSourceId: 281323062375219201n, diaObjectId: 281323062375219300n, ssObjectId: 0 }
      const seen = { midpointMjdTai: 60736.5, ra: 150.1, dec: 2.2, psfFlux: -1234.5, psfFluxErr: 60.25, band: 'i' }
      const whole = lsstAlert(1100).value as { readonly diaSource: object }
      const diaObject = { diaObjectId: source.diaObjectId }
      const value = { ...whole, diaObject, diaSource: { ...whole.diaSource, ...source, ...seen } }
      expect(await writeTo(sink, [value])).toEqual([])
      const alert = { alert_id: '281323062375219201', object_id: 'LSST-281323062375219300', flux: -1234.5, filter: 'i' }
      expect(await db.rows('SELECT * FROM alerts')).toMatchObject([{ ...alert, mjd: 60736.49957176, magnitude: null }])
      expect(await db.rows('SELECT * FROM photometry')).toMatchObject([
        { target: 'LSST-281323062375219300', flux: -1234.5, flux_error: 60.25, unit: 'nJy', instrument: 'LSSTCam' }
      ])
    })

    check('the history that alerts carry is a light curve, each measurement once', async (_, db) => {
      const at = (day: number, magpsf: number | null) => ({
        ...ztf.candidate,
        jd: 2460000.5 + day,
        magpsf,
        diffmaglim: 20.5
      })
      const alert = (candid: number, candidate: object, ...prv_candidates: readonly object[]) => ({
        ...ztf,
        candid,
        candidate,
        prv_candidates
      })
      const sink = openSink(db, { HISTORY: true })
      await writeTo(sink, [
        alert(2, at(2, 17), at(0, null), at(1, 18)),
        alert(3, at(3, 16), at(0, null), at(1, 18), at(2, 17))
      ])
      await writeTo(sink, [alert(1, at(1, 18), at(0, null))])
      await sink.close()
      const rows = await db.rows('SELECT mjd, magnitude, magnitude_limit, alert_id FROM photometry ORDER BY mjd')
      expect(rows).toEqual([
        { mjd: 60000, magnitude: null, magnitude_limit: 20.5, alert_id: null },
        { mjd: 60001, magnitude: 18, magnitude_limit: 20.5, alert_id: '1' },
        { mjd: 60002, magnitude: 17, magnitude_limit: 20.5, alert_id: '2' },
        { mjd: 60003, magnitude: 16, magnitude_limit: 20.5, alert_id: '3' }
      ])
    })

    check('a notice of GCN is an alert with its own id; what moves has its orbit', async (sink, db) => {
      const notice = {
        $schema: 'https://gcn.nasa.gov/schema/v4/gcn/notices/x',
        id: ['b1'],
        mission: 'X',
        ra: 10,
        dec: 20
      }
      const elements = {
        designation: '2020 AB1',
        epoch_mjd: 60000,
        i: 5,
        node: 1,
        argperi: 2,
        e: 0.1,
        mean_anomaly: 3,
        a: 2.5
      }
      const seen = {
        diaSourceId: 7,
        diaObjectId: null,
        ssObjectId: 9,
        midpointMjdTai: 60736.5,
        ra: 1,
        dec: 2,
        psfFlux: 5,
        band: 'g'
      }
      const moving = { diaSource: seen, mpc_orbits: elements }
      expect(await writeTo(sink, [{ ...notice, trigger_time: '2025-03-02T00:00:00Z' }, moving])).toEqual([])
      expect(await db.rows('SELECT alert_id, object_id, ra, mjd FROM alerts ORDER BY number')).toEqual([
        { alert_id: 'b1', object_id: 'b1', ra: 10, mjd: 60736 },
        { alert_id: '7', object_id: '2020 AB1', ra: 1, mjd: 60736.49957176 }
      ])
      const [target] = await db.rows(
        "SELECT type, ra, CAST(extra AS TEXT) AS extra FROM targets WHERE name = '2020 AB1'"
      )
      expect(target).toMatchObject({
        type: 'NON_SIDEREAL',
        ra: null,
        extra: expect.stringContaining('"eccentricity":0.1')
      })
    })

    check('any JSON is an alert; without an id of its own it has that of its message', async (sink, db) => {
      const bad = { event: { name: 'GRB' }, ra: 400, dec: 'south', mag: -999, text: 'a \u0000 in it' }
      expect(
        await writeTo(sink, [bad, { alert_id: 'x1', object_id: 'o', ra: 10, dec: 20, mjd: 60000, mag: 17 }])
      ).toEqual([])
      const rows = await db.rows('SELECT alert_id, object_id, ra, magnitude FROM alerts ORDER BY number')
      expect(rows).toEqual([
        { alert_id: expect.stringMatching(/^origin\/0\/\d+$/), object_id: null, ra: null, magnitude: null },
        { alert_id: 'x1', object_id: 'o', ra: 10, magnitude: 17 }
      ])
      expect(await db.rows('SELECT name FROM targets')).toEqual([{ name: 'o' }])
    })

    check('what comes again, in one write or another, makes no second row', async (sink, db) => {
      const source = sourceOf()
      const again = () => sourceOf(source.message)
      const later = { ...ztf, candid: CANDID + 1n, candidate: { ...ztf.candidate, jd: 2460740.5, ra: 97.9 } }
      await writeTo(sink, [ztf, later, ztf])
      const [first] = await db.rows('SELECT received_at FROM alerts ORDER BY number')
      await writeTo(sink, [{ ...ztf, corrected: true }, { nothing: 'to go by' }], again)
      await writeTo(sink, [{ nothing: 'to go by' }], again)
      const alerts = await db.rows(
        'SELECT alert_id, received_at, CAST(payload AS TEXT) AS json FROM alerts ORDER BY number'
      )
      expect(alerts.map((row) => row.alert_id)).toEqual([String(CANDID), String(CANDID + 1n), source.message.id])
      expect(alerts[0]!.received_at).toEqual(first!.received_at)
      expect(alerts[0]!.json).toContain('"corrected":true')
      expect(await db.rows('SELECT mjd FROM photometry ORDER BY mjd')).toEqual([{ mjd: 60736.1771181 }, { mjd: 60740 }])
      // The older alert that came last does not move the target back.
      expect(await db.rows('SELECT ra, last_mjd FROM targets')).toEqual([{ ra: 97.9, last_mjd: 60740 }])
    })

    check('a handler makes rows of its own, and what is wrong with them is named', async (sink, db) => {
      const row = (table: string, row: object) => ({ table, row })
      const measured = { target: 'SN 2023ixf', mjd: 60100.5, filter: 'V', magnitude: 14.25, extra: { seeing: 1.2 } }
      const values = [
        row('targets', { name: 'SN 2023ixf', ra: 210.910674, dec: 54.311651, aliases: ['ZTF23aaklqou'] }),
        row('photometry', measured),
        row('photometry', measured),
        row('photometry', { ...measured, magnitude: Number.NaN, magnitude_limit: 20.5 }),
        row('targets', { name: 'SN 2023ixf', distance: 6.4e6 })
      ]
      expect(await writeTo(sink, values)).toEqual([])
      expect(await db.rows('SELECT name, ra, distance FROM targets')).toEqual([
        { name: 'SN 2023ixf', ra: 210.910674, distance: 6.4e6 }
      ])
      expect(await db.rows('SELECT magnitude, magnitude_limit FROM photometry ORDER BY number')).toEqual([
        { magnitude: 14.25, magnitude_limit: null },
        { magnitude: null, magnitude_limit: 20.5 }
      ])
      const refused = (table: string, given: object) => () => sink.place({ value: row(table, given) }, sourceOf())
      expect(refused('target', {})).toThrow('there is no table target; there are alerts, targets')
      expect(refused('targets', { name: 'x', right_ascension: 1 })).toThrow('targets has no column right_ascension')
      expect(refused('targets', { ra: 1 })).toThrow('a row of targets needs name')
      expect(refused('targets', { name: 'x', ra: '12:30:00' })).toThrow('targets.ra is a number, not text')
      expect(refused('alerts', { alert_id: 1, published_at: 'yesterday' })).toThrow('alerts.published_at is a time')
    })

    check('rows that the database refuses take nothing else with them', async (sink, db) => {
      const values = Array.from(
        { length: 500 },
        (_, i) => ({ alert_id: `a${i}`, object_id: `o${i}`, ra: 1, dec: 1 }) as object
      )
      values[7] = { table: 'targets', row: { name: 'too far south', dec: -90.5 } }
      values[400] = { table: 'photometry', row: { target: 'without a time', magnitude: 12 } }
      const rejected = await writeTo(sink, values)
      expect(rejected).toMatchObject([
        { index: 7, code: 'SINK_REJECTED', reason: expect.stringMatching(/CHECK|check/) },
        { index: 400, code: 'SINK_REJECTED', reason: expect.stringMatching(/mjd/) }
      ])
      expect((await db.rows('SELECT count(*) AS n FROM alerts')).map(({ n }) => Number(n))).toEqual([498])
      expect((await db.rows('SELECT count(*) AS n FROM targets')).map(({ n }) => Number(n))).toEqual([498])
    })

    check('a message that cannot be decoded is refused, and kept as a dead letter', async (sink, db) => {
      const source = sourceOf({ bytes: new Uint8Array([255, 0, 254]) })
      const outgoing = { value: source.message.bytes }
      expect(() => sink.place(outgoing, source)).toThrow(expect.objectContaining({ code: 'SINK_REJECTED' }))
      const failure = { code: 'SINK_REJECTED', reason: 'not JSON', stack: undefined, attempts: 1 }
      await sink.write([sink.place(outgoing, { ...source, failure })], AbortSignal.timeout(PATIENCE))
      const [letter] = await db.rows('SELECT *, CAST(message AS TEXT) AS line FROM dead_letters')
      expect(letter).toMatchObject({ message_id: source.message.id, code: 'SINK_REJECTED', reason: 'not JSON' })
      expect(JSON.parse(letter!.line as string).value).toBe('/wD+')
    })

    check('the tables are as they are declared', async (_, db) => {
      const columns = async (table: TableName) => {
        const sqliteColumns = `SELECT name FROM pragma_table_info('${table}')`
        const sql = `SELECT column_name AS name FROM information_schema.columns WHERE table_name = '${table}'`
        return (await db.rows(kind === sqlite ? sqliteColumns : sql)).map(({ name }) => name).sort()
      }
      for (const table of tableNames) {
        expect(await columns(table)).toEqual(['number', ...Object.keys(tableOf(table).columns)].sort())
      }
    })

    check('tables of a newer version are left alone', async (sink, db) => {
      const other = openSink(db)
      await sink.close()
      await writeVersion(db, 99)
      await expect(other.connect(AbortSignal.timeout(PATIENCE))).rejects.toMatchObject({
        code: 'SINK_UNAVAILABLE',
        message: expect.stringContaining('version 99'),
        remedy: expect.stringContaining('Run that version')
      })
      await other.close()
    })
  })
}

async function writeVersion({ options, rows }: TestDatabase, version: number): Promise<void> {
  const sql = `INSERT INTO schema_version VALUES (${version}, 'later')`
  if (options.PATH === undefined) await rows(sql)
  else {
    const { DatabaseSync } = await import('node:sqlite')
    const db = new DatabaseSync(options.PATH)
    db.exec(sql)
    db.close()
  }
}
