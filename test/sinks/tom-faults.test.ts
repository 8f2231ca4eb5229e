import { expect, onTestFinished, test } from 'vitest'
import { RecordingLog } from '../contract/log.ts'
import { PATIENCE } from '../contract/reading.ts'
import { sourceOf } from '../contract/sink-bench.ts'
import { tomSink } from '../harnesses/tom-sink.ts'
import { describeTom2, PASSWORD, tom } from '../services/tom.ts'
import { Door, type Instead } from '../tom-api/door.ts'
import { newObject, ztfAlert } from '../tom-api/sky.ts'

const soon = () => AbortSignal.timeout(PATIENCE)
const DATA = 'SELECT timestamp FROM tom_dataproducts_reduceddatum WHERE source_name = ? ORDER BY id'

/** A TOM with an object in it, behind a door. */
async function bench(options: Readonly<Record<string, unknown>> = {}) {
  const running = await tom(2)
  const door = await Door.before(running)
  const log = new RecordingLog()
  const [name, source] = [newObject(), newObject('source ')]
  await running.post('targets/', { name, type: 'SIDEREAL', ra: 1, dec: 1 })
  const sink = tomSink({ URL: door.url, SOURCE_NAME: source, RADIUS: 0, TIMEOUT: '4s', ...options }, { log })
  onTestFinished(async () => {
    await sink.close()
    await door[Symbol.asyncDispose]()
    expect(log.everything()).not.toContain(PASSWORD)
  })
  await sink.connect(soon())
  const place = (day: number, of = name) => sink.place({ value: ztfAlert(of, 2460736.5 + day) }, sourceOf())
  const days = () =>
    running.query(DATA, source).map(({ timestamp }) => Date.parse(`${timestamp}Z`) / 86_400_000 - 20_149)
  return { running, door, sink, name, place, days }
}

async function thrown(promise: Promise<unknown>): Promise<{ code?: string; message: string; remedy?: string }> {
  return promise.then(
    () => ({ message: 'nothing was thrown' }),
    (error) => error
  )
}

const html = '<html>Server Error</html>'

describeTom2('a TOM in trouble', () => {
  test.each<[string, Instead, RegExp, RegExp]>([
    ['401', { status: 401, body: '{"detail":"Invalid token."}' }, /HTTP 401: Invalid token\./, /Check USERNAME/],
    ['403', { status: 403, body: `{"detail":"${PASSWORD}?"}` }, /HTTP 403: \*\*\*\?/, /Check USERNAME/],
    ['a login page', { status: 302, headers: { location: '/accounts/login/?next=/api/' } }, /login/, /Check USERNAME/],
    ['another address', { status: 301, headers: { location: 'https://new/' } }, /HTTP 301/, /Check URL/],
    ['404', { status: 404, body: html }, /HTTP 404/, /Check URL/],
    ['400 of who stands before it', { status: 400, body: '<h1>Bad Request (400)</h1>' }, /HTTP 400/, /ALLOWED_HOSTS/],
    ['408', { status: 408 }, /HTTP 408/, /tried again/],
    ['429', { status: 429, headers: { 'retry-after': '1' } }, /HTTP 429; it asks us to wait 1 s/, /RATE/],
    ['500', { status: 500, body: html }, /HTTP 500/, /log of the TOM/],
    ['502', { status: 502, body: html }, /HTTP 502/, /tried again/],
    ['503', { status: 503, headers: { 'retry-after': '1' } }, /HTTP 503; it asks us to wait 1 s/, /tried again/],
    ['200 of something else', { status: 200, body: html }, /no TOM/, /Check URL/],
    ['200 in JSON', { status: 200, body: '{"detail":"The archive is closed tonight."}' }, /no TOM/, /Check URL/],
    ['no answer', 'never answer', /no answer within 4 s/, /reached/],
    ['a lost answer', 'lose the answer', /./, /reached/]
  ])('%s holds the sink up, and loses and doubles nothing', async (_, instead, reason, remedy) => {
    const { door, sink, place, days } = await bench()
    const batch = [place(1), place(2), place(3)]
    door.next('let it through', instead)
    const error = await thrown(sink.write(batch, soon()))
    expect(error).toMatchObject({ code: 'SINK_UNAVAILABLE', remedy: expect.stringMatching(remedy) })
    expect(error.message).toMatch(reason)
    expect(`${error.message} ${error.remedy}`).not.toContain(PASSWORD)
    const before = Date.now()
    expect(await sink.write(batch, soon())).toEqual([])
    expect(days()).toEqual([1, 2, 3])
    const wait = typeof instead === 'object' && instead.headers?.['retry-after'] !== undefined ? 900 : 0
    expect(Date.now() - before).toBeGreaterThan(wait)
  })

  test.each([
    ['a message', { status: 400, body: '{"timestamp":["Datetime has wrong format."]}' }, /timestamp: Datetime has/],
    ['what is too large', { status: 413, body: html }, /HTTP 413/]
  ])('%s that it refuses is refused, and the others are written', async (_, instead, reason) => {
    const { door, sink, place, days } = await bench()
    door.next('let it through', instead)
    const rejection = { index: 1, code: 'SINK_REJECTED', reason: expect.stringMatching(reason) }
    expect(await sink.write([place(1), place(2), place(3)], soon())).toEqual([rejection])
    expect(days()).toEqual([1, 3])
  })

  test('a datum at which it fails again and again is refused, if it takes others meanwhile', async () => {
    const { running, door, sink, place, days } = await bench()
    const other = newObject()
    await running.post('targets/', { name: other, type: 'SIDEREAL', ra: 2, dec: 2 })
    door.spoil = (method, _, body) => (method === 'POST' && body.includes('-03-05T') ? { status: 500 } : undefined)
    const bad = [place(3)]
    for (let time = 0; time < 7; time++)
      expect(await thrown(sink.write(bad, soon()))).toMatchObject({ code: 'SINK_UNAVAILABLE' })
    expect(await sink.write([place(1, other)], soon())).toEqual([])
    const reason = expect.stringMatching(/the TOM failed 8 times at .*, and took others meanwhile/)
    expect(await sink.write(bad, soon())).toEqual([{ index: 0, code: 'SINK_REJECTED', reason }])
    expect(days()).toEqual([1])
  })

  test('what it refuses because it is there already is written', async () => {
    const { door, sink, place, days } = await bench()
    expect(await sink.write([place(1)], soon())).toEqual([])
    door.next({ status: 400, body: '{"non_field_errors":["ReducedDatum already exists"]}' })
    expect(await sink.write([place(1)], soon())).toEqual([])
    expect(days()).toEqual([1])
  })

  test('a lookup that is answered with something else finds nothing out', async () => {
    const { door, sink, place, days } = await bench({ CREATE_TARGETS: true })
    door.spoil = (method) => (method === 'GET' ? { status: 200, body: '{"detail":"closed"}' } : undefined)
    const batch = [place(1)]
    expect(await thrown(sink.write(batch, soon()))).toMatchObject({ code: 'SINK_UNAVAILABLE' })
    door.spoil = () => undefined
    expect(await sink.write(batch, soon())).toEqual([])
    expect(days()).toEqual([1])
  })

  test('a write that is stopped rejects at once, and what it had begun is not doubled', async () => {
    const { door, sink, place, days } = await bench()
    const batch = [place(1), place(2)]
    const stop = new AbortController()
    let stopped = 0
    door.spoil = (method, _, body) => {
      if (method !== 'POST' || !body.includes('-03-04T') || stopped > 0) return undefined
      stopped = Date.now()
      stop.abort()
      return 'never answer'
    }
    await expect(sink.write(batch, stop.signal)).rejects.toThrow()
    expect(Date.now() - stopped).toBeLessThan(1000)
    expect(await sink.write(batch, soon())).toEqual([])
    expect(days()).toEqual([1, 2])
  })

  test('RATE keeps requests apart', async () => {
    const { door, sink, place } = await bench({ RATE: 10 })
    await sink.write([place(1), place(2), place(3)], soon())
    const gaps = door.requests.slice(1).map(({ at }, index) => at - door.requests[index]!.at)
    expect(gaps.length).toBeGreaterThan(4)
    for (const gap of gaps) expect(gap).toBeGreaterThan(80)
  })

  test('a few objects are written at the same time, and no more', async () => {
    const { running, door, sink, place, days } = await bench()
    const names = Array.from({ length: 8 }, () => newObject())
    for (const name of names) await running.post('targets/', { name, type: 'SIDEREAL', ra: 2, dec: 2 })
    let [now, most] = [0, 0]
    const placed = names.map((name) => place(1, name))
    expect(new Set(placed.map(({ target }) => target)).size).toBe(8)
    door.watch = (isThere) => {
      now += isThere ? 1 : -1
      most = Math.max(most, now)
    }
    expect(await Promise.all(placed.map((one) => sink.write([one], soon())))).toEqual(names.map(() => []))
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(4)
    expect(days()).toHaveLength(8)
  })

  test('what it looked up once it does not look up again', async () => {
    const { door, sink, place } = await bench()
    await sink.write([place(1)], soon())
    const lookups = () => door.requests.filter(({ line }) => line.startsWith('GET /api/targets/')).length
    const before = lookups()
    await sink.write([place(2)], soon())
    await sink.write([place(3)], soon())
    expect(lookups()).toBe(before)
  })
})
