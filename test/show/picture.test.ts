import { PNG } from 'pngjs'
import { describe, expect, test } from 'vitest'
import { inkOf } from '../../src/show/bands.ts'
import { pngOf } from '../../src/show/cutout-panels.ts'
import { type Page, pageOf } from '../../src/show/page.ts'
import { pictureOf } from '../../src/show/picture.ts'
import type { Point } from '../../src/show/points.ts'
import { stretched } from '../../src/show/stretch.ts'
import { lsstSupernova } from './lsst-alert.ts'

const point = (mjd: number, magnitude: number | null, more: Partial<Point> = {}): Point => ({
  ...{ mjd, band: 'g', magnitude, error: null, limit: null, flux: null, fluxError: null },
  ...{ negative: false, forced: false, alert: false, ...more }
})
const page = (curve: readonly Point[], more: Partial<Page> = {}): Page => ({
  ...{
    survey: 'ZTF',
    title: 'ZTF25aaaaaaa',
    id: '1',
    position: null,
    at: null,
    lines: [],
    cutouts: [],
    text: '',
    curve
  },
  ...more
})
const drawn = (page: Page) => PNG.sync.read(Buffer.from(pictureOf(page, 'png')!))

/** Pixels of nearly this colour below the legend: their middle, and how many. */
function find(png: PNG, colour: string) {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
  let [count, x, y] = [0, 0, 0]
  for (let at = 0; at < png.width * png.height; at++) {
    const row = Math.floor(at / png.width)
    const near = (channel: number, value: number) => Math.abs(png.data[4 * at + channel]! - value) < 4
    if (row < 120 || !near(0, red!) || !near(1, green!) || !near(2, blue!)) continue
    count++
    x += at % png.width
    y += row
  }
  return { count, x: x / count, y: y / count }
}

/** Rows that have something reddish, below the legend. */
function reach({ data, width, height }: PNG): number {
  const rows = Array.from({ length: height - 120 }, (_, n) =>
    data.subarray(4 * (n + 120) * width, 4 * (n + 121) * width)
  )
  return rows.filter((row) => row.some((red, at) => at % 4 === 0 && red - row[at + 1]! > 40)).length
}

describe('the picture', () => {
  test('has the size that it says, and the colours of its bands', () => {
    const bands = ['g', 'r', 'i']
    const png = drawn(page(bands.map((band, n) => point(60_000 + n, 18 + n, { band }))))
    expect(png.width).toBe(900)
    const found = bands.map((band) => find(png, inkOf(band, 'ZTF').colour))
    for (const { count } of found) expect(count).toBeGreaterThan(30)
    expect(find(png, inkOf('u', 'ZTF').colour).count).toBe(0)
    // Time goes to the right; what is brighter is higher.
    expect(found[0]!.x).toBeLessThan(found[1]!.x)
    expect(found[1]!.x).toBeLessThan(found[2]!.x)
    expect(found[0]!.y).toBeLessThan(found[1]!.y)
    expect(found[1]!.y).toBeLessThan(found[2]!.y)
  })

  test('tells a negative difference by an open circle, and has error bars', () => {
    const colour = inkOf('r', 'ZTF').colour
    const other = point(60_010, 20)
    const full = find(drawn(page([point(60_000, 18, { band: 'r' }), other])), colour).count
    const open = find(drawn(page([point(60_000, 18, { band: 'r', negative: true }), other])), colour).count
    const bars = reach(drawn(page([point(60_000, 18, { band: 'r', error: 0.4 }), other])))
    const bare = reach(drawn(page([point(60_000, 18, { band: 'r' }), other])))
    expect(open).toBeLessThan(full - 20)
    expect(bare).toBeLessThan(14)
    expect(bars).toBeGreaterThan(40)
  })

  test('of a limit is a triangle that points down', () => {
    const { data, width, height } = drawn(page([point(60_000, null, { band: 'r', limit: 19 }), point(60_010, 18)]))
    // Half of its outline is the horizontal edge.
    const inked = Array.from({ length: height }, (_, y) => {
      const row = data.subarray(4 * y * width, 4 * (y + 1) * width)
      return y < 120 ? 0 : row.filter((red, at) => at % 4 === 0 && red - row[at + 1]! > 40).length
    })
    const [first, last] = [inked.findIndex((count) => count > 0), inked.findLastIndex((count) => count > 0)]
    expect(last - first).toBeGreaterThan(7)
    expect(inked[first]! + inked[first + 1]!).toBeGreaterThan(10)
    expect(inked[last]! + inked[last - 1]!).toBeLessThan(8)
  })

  test('has the cut-outs of an alert, and is an SVG where one is asked for', () => {
    const { alert } = lsstSupernova()
    const whole = pageOf([alert])
    const png = drawn(whole)
    expect(png.height).toBeGreaterThan(drawn({ ...whole, cutouts: [] }).height + 200)
    expect(drawn({ ...whole, curve: [] }).height).toBeLessThan(450)
    const svg = Buffer.from(pictureOf(whole, 'svg')!).toString()
    expect(svg.match(/<image /g)).toHaveLength(3)
    expect(svg).toContain('LSST-3527242976319242240')
  })

  test('says why a cut-out cannot be shown, and cannot be broken by what an alert says', () => {
    const cutouts = [{ label: 'science', bytes: Uint8Array.of(1, 2, 3) }]
    const nasty = page([], { title: '<script>&"\u001b[31m</text>', cutouts })
    const svg = Buffer.from(pictureOf(nasty, 'svg')!).toString()
    expect(svg).toContain('this is no FITS file')
    expect(svg).not.toContain('<script>')
    expect(svg).not.toContain('\u001b')
    expect(drawn(nasty).width).toBe(900)
  })

  test('is none where there is nothing to draw', () => {
    expect(pictureOf(page([]), 'png')).toBeUndefined()
    expect(pictureOf(page([point(60_000, null)]), 'png')).toBeUndefined()
  })

  test('can be made of one point, and of points of one brightness', () => {
    for (const curve of [[point(60_000, 18)], [point(60_000, 18), point(60_000.5, 18)]]) {
      expect(find(drawn(page(curve)), inkOf('g', 'ZTF').colour).count).toBeGreaterThan(30)
    }
  })
})

test('a cut-out stands with its first row at the bottom, and what has no value is neither dark nor bright', () => {
  const values = Float64Array.of(9, 1, 0, Number.NaN, 2, 3)
  const { data } = PNG.sync.read(pngOf({ width: 3, height: 2, values, header: new Map() }))
  const pixel = (x: number, y: number) => [...data.subarray(4 * (3 * y + x), 4 * (3 * y + x) + 3)]
  expect(pixel(0, 1)).toEqual([255, 255, 255])
  expect(pixel(2, 1)).toEqual([0, 0, 0])
  expect(new Set(pixel(0, 0)).size).toBe(3)
})

describe('the stretch', () => {
  test('keeps the order of brightness, from black to white, and what is no number', () => {
    const values = Float64Array.from({ length: 2_000 }, (_, n) => (n * 7919) % 2_000)
    values[5] = Number.NaN
    const grey = stretched(values)
    expect(grey[5]).toBeNaN()
    const order = [...values.keys()].filter((at) => at !== 5).toSorted((one, other) => values[one]! - values[other]!)
    for (const [n, at] of order.slice(1).entries()) expect(grey[at]).toBeGreaterThanOrEqual(grey[order[n]!]!)
    expect([grey[order[0]!], grey[order.at(-1)!]]).toEqual([0, 1])
  })

  test('a negative source is as dark as a positive one is bright', () => {
    const noise = (n: number) => ((n * 7919) % 13) - 6
    const values = Float64Array.from({ length: 3_969 }, (_, n) => noise(n))
    for (let n = 0; n < 20; n++) [values[100 + n], values[2_000 + n]] = [500, -500]
    const grey = stretched(values)
    expect(grey[2_005]).toBeCloseTo(1 - grey[105]!, 2)
    expect(stretched(new Float64Array(4).fill(3))).toEqual(new Float64Array(4).fill(0.5))
  })
})
