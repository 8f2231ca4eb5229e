import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Claim, Deduper } from '../../src/contract/dedupe.ts'
import { DedupeStore } from '../../src/dedupe/index.ts'
import { compileExpression } from '../../src/filter/index.ts'
import { RecordingLog } from '../contract/log.ts'

let folder: string
let file: string
let log: RecordingLog
const opened: DedupeStore[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dedupe-'))
  file = join(folder, 'dedupe.sqlite')
  log = new RecordingLog()
})
afterEach(() => {
  for (const store of opened.splice(0)) store.close()
  rmSync(folder, { recursive: true, force: true })
})

function open(most?: number): DedupeStore {
  const store = new DedupeStore(folder, log, most)
  opened.push(store)
  return store
}

const routeOf = (store: DedupeStore, window = 60, key = 'k', topic = 'a') =>
  store.of('stream', { key: topic, dedupe: { key: compileExpression(key), window } })

function record(deduper: Deduper, key: unknown): Promise<void> {
  return new Promise((resolve) => (deduper.claim(key) as Claim).record(resolve))
}

const isKnown = (deduper: Deduper, key: unknown) => {
  const claim = deduper.claim(key)
  if (claim instanceof Object && 'release' in claim) claim.release()
  return claim === 'delivered'
}

function rows(): number {
  const db = new DatabaseSync(file)
  const count = db.prepare('SELECT count(*) AS n FROM delivered_1').get()!.n
  db.close()
  return Number(count)
}

describe('a delivered key', () => {
  it('is known after the store was opened again, to its route and for its expression alone', async () => {
    await record(routeOf(open()), 'x')
    opened.pop()!.close()
    const store = open()
    expect(isKnown(routeOf(store), 'x')).toBe(true)
    expect(isKnown(routeOf(store), 'y')).toBe(false)
    expect(isKnown(routeOf(store, 60, 'k', 'b'), 'x')).toBe(false)
    expect(isKnown(routeOf(store, 60, 'string(k)'), 'x')).toBe(false)
  })

  it.each([
    [7, '7'],
    [2982177112815010003n, 2982177112815010004n],
    [2982177112815010003n, '2982177112815010003'],
    [['a', 'b'], 'a,b'],
    [['a', 'b'], ['ab']],
    [
      { id: 1, at: 2 },
      { id: 1, at: 3 }
    ],
    [new Uint8Array([1, 2]), new Uint8Array([1, 3])],
    [`${'x'.repeat(5000)}1`, `${'x'.repeat(5000)}2`],
    [Infinity, -Infinity],
    ['', ' '],
    [false, 0]
  ])('is told from another, pair %#', async (one, other) => {
    const route = routeOf(open())
    await record(route, one)
    expect(isKnown(route, other)).toBe(false)
    expect(isKnown(route, one)).toBe(true)
  })

  it('that is null is none', () => {
    const route = routeOf(open())
    for (const nothing of [null, undefined, Number.NaN]) expect(route.claim(nothing)).toBeUndefined()
  })

  it('is forgotten after the window, and its row is removed when others are recorded', async () => {
    const route = routeOf(open(), 0.3)
    for (const key of ['a', 'b', 'c']) await record(route, key)
    expect(isKnown(route, 'a')).toBe(true)
    await delay(350)
    expect(isKnown(route, 'a')).toBe(false)
    await record(route, 'd')
    expect(rows()).toBe(1)
    await delay(350)
    opened.pop()!.close()
    routeOf(open(), 60, 'k', 'another')
    expect(rows(), 'of a route that is no longer there').toBe(0)
  })

  it('goes before younger ones when there are too many', async () => {
    const route = routeOf(open(1000))
    for (let start = 0; start < 5000; start += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, i) => record(route, start + i)))
      expect(rows()).toBeLessThanOrEqual(1000)
    }
    expect(rows()).toBe(1000)
    for (const key of [0, 3999]) expect(isKnown(route, key)).toBe(false)
    for (const key of [4000, 4999]) expect(isKnown(route, key)).toBe(true)
  })
})

describe('twins on their way', () => {
  it('wait for the first, and are told when it failed or was recorded', async () => {
    const route = routeOf(open())
    const first = route.claim('x') as Claim
    const waiting = route.claim('x')
    expect(waiting).toBeInstanceOf(Promise)
    first.release()
    await waiting
    const second = route.claim('x') as Claim
    const third = route.claim('x') as Promise<void>
    let acknowledged = false
    second.record(() => {
      acknowledged = true
    })
    second.release()
    expect(acknowledged).toBe(false)
    await third
    expect(acknowledged).toBe(true)
    expect(route.claim('x')).toBe('delivered')
  })
})

describe('the file', () => {
  it('is not made where no route asks for it', () => {
    open()
    expect(existsSync(file)).toBe(false)
  })

  it('that cannot be written is tried again, and nothing counts as recorded until then', async () => {
    const route = routeOf(open())
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    let recorded = false
    const recording = record(route, 'x').then(() => {
      recorded = true
    })
    await delay(400)
    expect(recorded).toBe(false)
    expect(log.texts('warn').join()).toMatch(/dedupe\.sqlite cannot be written: .*locked; trying again/)
    other.exec('COMMIT')
    await recording
    expect(isKnown(route, 'x')).toBe(true)
    other.close()
  })

  it('may be shared by processes', async () => {
    const [one, two] = [routeOf(open()), routeOf(open())]
    await Promise.all(Array.from({ length: 200 }, (_, key) => record(key % 2 ? one : two, key)))
    for (let key = 0; key < 200; key++) expect(isKnown(key % 2 ? two : one, key)).toBe(true)
  })

  it('that is damaged is put aside, loudly', async () => {
    writeFileSync(file, 'this is no database, and it is long enough to be seen as one that is damaged'.repeat(100))
    const route = routeOf(open())
    expect(log.texts('error').join()).toMatch(/is damaged .* alerts may be delivered twice/)
    expect(readdirSync(folder).some((name) => name.startsWith('dedupe.sqlite.damaged-'))).toBe(true)
    await record(route, 'x')
    expect(isKnown(route, 'x')).toBe(true)
  })

  it('that cannot be had is a fault of the configuration', () => {
    const blocked = new DedupeStore(join(file, 'state'), log)
    writeFileSync(file, '')
    expect(() => routeOf(blocked)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })

  it('takes keys faster than alerts come', async () => {
    const route = routeOf(open())
    const start = performance.now()
    for (let first = 0; first < 20_000; first += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, i) => record(route, `ZTF26${first + i}`)))
    }
    const rate = Math.round(20_000_000 / (performance.now() - start))
    console.log(`${rate} keys recorded a second, 100 in a transaction`)
    expect(rate).toBeGreaterThan(2000)
  })
})
