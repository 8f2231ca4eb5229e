import { describe, expect, onTestFinished, test } from 'vitest'
import type { TomSink } from '../../src/sinks/tom.ts'
import { RecordingLog } from '../contract/log.ts'
import { PATIENCE } from '../contract/reading.ts'
import { sourceOf, writeAll } from '../contract/sink-bench.ts'
import { tomSink } from '../harnesses/tom-sink.ts'
import { TomClient } from '../../src/tom-api/client.ts'
import { describeTom, PASSWORD, type RunningTom, startTom, tom, TOKEN, type TomVersion } from '../services/tom.ts'
import { lsstAlert, newObject, ztfAlert } from '../tom-api/sky.ts'

type Given = Readonly<Record<string, unknown>>

async function bench(running: RunningTom, options: Given = {}) {
  const log = new RecordingLog()
  const sink = tomSink({ URL: running.url, CREATE_TARGETS: true, ...options }, { log })
  onTestFinished(async () => {
    await sink.close()
    expect(log.everything()).not.toContain(PASSWORD)
  })
  await sink.connect(AbortSignal.timeout(PATIENCE))
  return { sink, log, write: (...values: readonly unknown[]) => write(sink, values) }
}

/** What one message was made into. */
function write(sink: TomSink, values: readonly unknown[]) {
  const source = sourceOf()
  return writeAll(
    sink,
    values.map((value) => sink.place({ value }, source))
  )
}

const targetsNamed = (running: RunningTom, name: string) =>
  running.query('SELECT id, name, type, ra, dec FROM tom_targets_basetarget WHERE name = ?', name)

/** Data of a target, in the words of version 2: the newest last. */
function valuesOf(running: RunningTom, version: TomVersion, name: string): readonly unknown[] {
  const of = (table: string, columns: string) =>
    running.query(
      `SELECT ${columns} FROM tom_dataproducts_${table} d JOIN tom_targets_basetarget t ON t.id = d.target_id
       WHERE t.name = ? ORDER BY d.timestamp, d.id`,
      name
    )
  if (version === 2) return of('reduceddatum', 'value').map(({ value }) => JSON.parse(String(value)))
  const columns = 'brightness, brightness_error, "limit", unit, bandpass, telescope, instrument, value'
  return of('photometryreduceddatum', columns).map((row) => {
    const { brightness, brightness_error, limit, unit, bandpass, telescope, instrument, value } = row
    const rest = JSON.parse(String(value))
    return {
      error: brightness_error ?? '',
      filter: bandpass,
      telescope,
      instrument,
      unit,
      ...(brightness !== null && { magnitude: brightness }),
      ...(limit !== null && { limit }),
      ...rest
    }
  })
}

const ZTF = { telescope: 'Palomar 1.2m Oschin', instrument: 'ZTF' }
const LSST = { telescope: 'Rubin Observatory', instrument: 'LSSTCam' }
const VERSIONS: readonly TomVersion[] = [2, 3]

describeTom(
  'into a TOM',
  () => {
    describe.each(VERSIONS)('of version %i', (version) => {
      test('an alert of ZTF is a target with a datum, and no second one when it comes again', async () => {
        const running = await tom(version)
        const { write } = await bench(running, { TARGET_LIST: 'from the streams', RADIUS: 0 })
        const name = newObject()
        for (let time = 0; time < 2; time++) {
          expect(await write(ztfAlert(name, 2460736.5))).toEqual([])
          expect(await write(ztfAlert(name, 2460737.5, { magpsf: 18 }))).toEqual([])
        }
        expect(targetsNamed(running, name)).toMatchObject([{ type: 'SIDEREAL', ra: 150.1756491, dec: 15.2832185 }])
        expect(valuesOf(running, version, name)).toEqual([
          { error: 0.094041, filter: 'r', ...ZTF, unit: 'AB', magnitude: 18.361856 },
          { error: 0.094041, filter: 'r', ...ZTF, unit: 'AB', magnitude: 18 }
        ])
        const lists = `SELECT l.name FROM tom_targets_targetlist l JOIN tom_targets_targetlist_targets x
        ON x.targetlist_id = l.id JOIN tom_targets_basetarget t ON t.id = x.basetarget_id WHERE t.name = ?`
        expect(running.query(lists, name)).toEqual([{ name: 'from the streams' }])
      })

      test('history is written once, what has faded as a flux, a limit as a limit', async () => {
        const running = await tom(version)
        const { write } = await bench(running, { HISTORY: true, RADIUS: 0 })
        const name = newObject()
        const earlier = [
          { jd: 2460730.5, fid: 1, magpsf: null, diffmaglim: 20.5 },
          { jd: 2460731.5, fid: 2, magpsf: 18, sigmapsf: 0.1, isdiffpos: 'f' },
          { jd: 2460732.5, fid: 2, magpsf: 18.5, sigmapsf: 0.1, isdiffpos: 't' }
        ]
        for (let time = 0; time < 2; time++)
          expect(await write(ztfAlert(name, 2460736.5, { sigmapsf: null }, earlier))).toEqual([])
        expect(valuesOf(running, version, name)).toEqual([
          { error: '', filter: 'g', ...ZTF, unit: 'AB', limit: 20.5 },
          { error: 21099.671, filter: 'r', ...ZTF, unit: 'nJy', flux: -229086.765 },
          { error: 0.1, filter: 'r', ...ZTF, unit: 'AB', magnitude: 18.5 },
          { error: '', filter: 'r', ...ZTF, unit: 'AB', magnitude: 18.361856 }
        ])
      })

      test('a value of its own with an id of 64 bits is written, and no second time', async () => {
        const running = await tom(version)
        const { write } = await bench(running, { RADIUS: 0 })
        const [name, candid] = [newObject(), 2_982_177_112_815_010_003n]
        await running.post('targets/', { name, type: 'SIDEREAL', ra: 1, dec: 1 })
        const value = { filter: 'r', magnitude: 18, candid }
        const row = { target: name, mjd: 60_000, filter: 'r', magnitude: 18, extra: { value } }
        for (let time = 0; time < 2; time++) expect(await write({ table: 'photometry', row })).toEqual([])
        expect(valuesOf(running, version, name)).toHaveLength(1)
      })

      test('a flux of LSST is a magnitude where it is positive', async () => {
        const running = await tom(version)
        const { write } = await bench(running, { RADIUS: 0 })
        const id = BigInt(`0x${newObject('')}`) + 170_000_000_000_000_000n
        for (const [mjd, flux] of [
          [60800.25, 3630.780548],
          [60801.25, -250.5],
          [60801.25, -250.5]
        ] as const)
          expect(await write(lsstAlert(id, mjd, flux))).toEqual([])
        expect(valuesOf(running, version, `LSST-${id}`)).toEqual([
          { error: 0.029904, filter: 'g', ...LSST, unit: 'AB', magnitude: 22.5 },
          { error: 100, filter: 'g', ...LSST, unit: 'nJy', flux: -250.5 }
        ])
      })

      test('an object is the target that has its name in other letters, or its alias, or is where it is', async () => {
        const running = await tom(version)
        const { write } = await bench(running)
        const [name, alias] = [newObject('SN '), newObject('AT ')]
        // A declination at which the rounded cosine of no distance is above 1.
        const place = { ra: 77.5, dec: 21.08072360898234 }
        await running.post('targets/', { name, type: 'SIDEREAL', ...place, aliases: [{ name: alias }] })
        const detection = { filter: 'r', magnitude: 18 }
        const photometry = (target: string, mjd: number) => ({
          table: 'photometry',
          row: { target, mjd, ...detection }
        })
        expect(await write(photometry(name.toLowerCase().replace(' ', '-'), 60_001))).toEqual([])
        expect(await write(photometry(alias.replace(' ', ''), 60_002))).toEqual([])
        // Under a name that the TOM does not have.
        expect(await write(ztfAlert(newObject(), 2460740.5, place))).toEqual([])
        expect(await write(ztfAlert(newObject(), 2460741.5, { ...place, dec: place.dec + 1.9 / 3600 }))).toEqual([])
        const far = newObject()
        expect(await write(ztfAlert(far, 2460742.5, { ...place, dec: place.dec + 2.1 / 3600 }))).toEqual([])
        // Later rows of a message may give the name or the alias alone of an object whose place was told before.
        const [other, third] = [newObject(), newObject()]
        const row = { name: other, aliases: [third], type: 'SIDEREAL', ra: 77.5002, dec: place.dec }
        expect(await write({ table: 'targets', row }, photometry(third, 60_003), photometry(other, 60_004))).toEqual([])
        expect(valuesOf(running, version, name)).toHaveLength(6)
        expect(valuesOf(running, version, far)).toHaveLength(1)
        expect(targetsNamed(running, other)).toEqual([])
      })

      test.each([
        ['across 0h', { ra: 359.9999, dec: -30 }, { ra: 0.0002, dec: -30 }],
        ['across 24h', { ra: 0.0002, dec: -31 }, { ra: 359.9999, dec: -31 }],
        ['near a pole', { ra: 10, dec: 89.9995 }, { ra: 40, dec: 89.9995 }],
        ['around a pole', { ra: 10, dec: -89.9999 }, { ra: 190, dec: -89.9999 }],
        ['on the equator', { ra: 120, dec: 0.0001 }, { ra: 120, dec: -0.0001 }]
      ])('two arcseconds are two arcseconds: %s', async (_, first, second) => {
        const running = await tom(version)
        const { write } = await bench(running)
        const [name, other] = [newObject(), newObject()]
        expect(await write(ztfAlert(name, 2460740.5, first))).toEqual([])
        expect(await write(ztfAlert(other, 2460741.5, second))).toEqual([])
        expect(targetsNamed(running, other)).toEqual([])
        expect(valuesOf(running, version, name)).toHaveLength(2)
      })

      test('0 is a place like any other, though a TOM takes it for none', async () => {
        const running = await tom(version)
        const { write } = await bench(running, { RADIUS: 0 })
        const name = newObject()
        expect(await write(ztfAlert(name, 2460740.5, { ra: 0, dec: 0 }))).toEqual([])
        const [{ ra, dec } = { ra: 9, dec: 9 }] = targetsNamed(running, name)
        expect(Math.hypot(Number(ra), Number(dec))).toBeLessThan(1e-8)
      })

      test('several processes that meet an object at once make one target, and each datum once', async () => {
        const running = await tom(version)
        const name = newObject()
        const benches = await Promise.all(Array.from({ length: 4 }, () => bench(running, { RADIUS: 0 })))
        const alerts = [ztfAlert(name, 2460736.5), ztfAlert(name, 2460737.5)]
        for (const alert of alerts) {
          // The same datum at the very same time is two in a TOM 2, which looks first and then writes.
          const writing = benches.map(({ write }, index) =>
            write(version === 2 ? ztfAlert(name, 2460740.5 + index) : alert)
          )
          expect(await Promise.all(writing)).toEqual(benches.map(() => []))
        }
        expect(targetsNamed(running, name)).toHaveLength(1)
        expect(valuesOf(running, version, name)).toHaveLength(version === 2 ? 4 : 2)
      })

      test('what is of unknown objects is left out by default, and the log says how much', async () => {
        const running = await tom(version)
        const { write, log, sink } = await bench(running, { CREATE_TARGETS: false, RADIUS: 0 })
        const [known, unknown] = [newObject(), newObject()]
        await running.post('targets/', { name: known, type: 'SIDEREAL', ra: 1, dec: 1 })
        for (let day = 0; day < 3; day++) {
          expect(await write(ztfAlert(unknown, 2460736.5 + day))).toEqual([])
          expect(await write(ztfAlert(known, 2460736.5 + day))).toEqual([])
        }
        await sink.close()
        expect(targetsNamed(running, unknown)).toEqual([])
        expect(valuesOf(running, version, known)).toHaveLength(3)
        const line = `left out: the TOM has no target for ${unknown}; CREATE_TARGETS: true makes one`
        expect(log.texts('info')).toEqual([`1 row is ${line}`, `2 rows are ${line}`])
      })

      test('a target that somebody has deleted is made again', async () => {
        const running = await tom(version)
        const { write } = await bench(running, { RADIUS: 0 })
        const name = newObject()
        expect(await write(ztfAlert(name, 2460736.5))).toEqual([])
        const [first] = targetsNamed(running, name)
        await running.delete(`targets/${first!.id}/`)
        expect(await write(ztfAlert(name, 2460737.5))).toEqual([])
        expect(targetsNamed(running, name)).toHaveLength(1)
        expect(targetsNamed(running, name)).not.toEqual([first])
        expect(valuesOf(running, version, name)).toHaveLength(1)
      })

      test('a name or an alias that another target has is refused, with the field', async () => {
        const running = await tom(version)
        const { write } = await bench(running, { RADIUS: 0 })
        const name = newObject()
        const orbit = { epoch_of_elements: 'never', eccentricity: 0.1, inclination: 5 }
        const row = { name, type: 'NON_SIDEREAL', extra: { orbital_elements: orbit, epoch_of_elements: 60000 } }
        expect(await write({ table: 'targets', row })).toEqual([
          {
            index: 0,
            code: 'SINK_REJECTED',
            reason: expect.stringMatching(
              new RegExp(`the TOM refused the target ${name}: .*(lng_asc_node|perihdist|epoch_of_perihelion)`)
            )
          }
        ])
      })

      test('a TOKEN opens it too', async () => {
        const running = await tom(version)
        const { write } = await bench(running, { USERNAME: undefined, PASSWORD: undefined, TOKEN })
        expect(await write(ztfAlert(newObject(), 2460736.5))).toEqual([])
      })

      test('a user who may not change a target has its data refused', async () => {
        const running = await tom(version)
        const { write } = await bench(running, { USERNAME: 'guest' })
        const name = newObject()
        await running.post('targets/', { name, type: 'SIDEREAL', ra: 1, dec: 1 })
        expect(
          await write({ table: 'photometry', row: { target: name, mjd: 60_000, filter: 'r', magnitude: 18 } })
        ).toEqual([{ index: 0, code: 'SINK_REJECTED', reason: expect.stringContaining('permission change_target') }])
      })

      test.each<[string, Given, RegExp]>([
        ['a wrong password', { PASSWORD: 'nonsense-canary' }, /USERNAME and PASSWORD/],
        ['a token that nobody has', { USERNAME: undefined, PASSWORD: undefined, TOKEN: 'nonsense-canary' }, /TOKEN/],
        ['another path', { URL: 'elsewhere/' }, /the address of the TOM/]
      ])('it cannot be opened with %s, and the secret is not said', async (_, options, remedy) => {
        const running = await tom(version)
        const URL = `${running.url}${options.URL ?? ''}`
        const error = await bench(running, { ...options, URL }).catch((thrown) => thrown)
        expect(error).toMatchObject({ code: 'SINK_UNAVAILABLE', remedy: expect.stringMatching(remedy) })
        expect(`${error.message} ${error.remedy}`).not.toContain('canary')
      })
    })

    test('a TOM that takes no tokens would take us for anybody: that is said at the start', {
      timeout: 120_000
    }, async () => {
      const running = await startTom(2, { tokens: false })
      onTestFinished(() => running.remove())
      const error = bench(running, { USERNAME: undefined, PASSWORD: undefined, TOKEN })
      await expect(error).rejects.toMatchObject({
        code: 'SINK_UNAVAILABLE',
        message: expect.stringContaining('it takes no Token credentials'),
        remedy: expect.stringContaining('Set USERNAME and PASSWORD')
      })
    })

    test.each(['none', 'numbered'] as const)(
      'a TOM may have pages of another kind: %s',
      {
        timeout: 120_000
      },
      async (pages) => {
        const running = await startTom(2, { pages })
        onTestFinished(() => running.remove())
        const name = newObject()
        for (let life = 0; life < 2; life++) {
          const { write } = await bench(running, { HISTORY: true })
          const days = [25, 26, 27, 28, 29, 30, 31]
          const earlier = days.map((day) => ({
            jd: 2460700.5 + day,
            fid: 2,
            magpsf: 18,
            sigmapsf: 0.1,
            isdiffpos: 't'
          }))
          expect(await write(ztfAlert(name, 2460736.5, {}, earlier))).toEqual([])
        }
        expect(targetsNamed(running, name)).toHaveLength(1)
        expect(valuesOf(running, 2, name)).toHaveLength(8)
      }
    )

    test('what a TOM says is read as it is, though a secret may be a word of it', async () => {
      const { url } = await tom(2)
      const credentials = Buffer.from(`observer:${PASSWORD}`).toString('base64')
      const access = {
        url,
        scheme: 'Basic',
        credentials,
        secrets: ['targets', 'NoSuch'],
        rate: undefined,
        timeout: 30
      } as const
      const client = new TomClient(access)
      const signal = AbortSignal.timeout(PATIENCE)
      await client.connect(signal)
      const answer = await client.post('targets/', { name: 'NoSuch', type: 'NoSuch' }, 'id', signal)
      expect(answer).toMatchObject({ kind: 'refused', said: expect.stringContaining('***') })
      expect(JSON.stringify(answer)).not.toContain('NoSuch')
    })

    test('a TOM that shows strangers nothing shows programs nothing either, until /api/* is open', {
      timeout: 120_000
    }, async () => {
      const running = await startTom(3, { authStrategy: 'LOCKED' })
      onTestFinished(() => running.remove())
      await expect(bench(running)).rejects.toMatchObject({
        code: 'SINK_UNAVAILABLE',
        remedy: expect.stringContaining('its OPEN_URLS need /api/*')
      })
    })
  },
  VERSIONS
)
