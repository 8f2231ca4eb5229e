import { bandsIn, inkOf, letterOf } from './bands.ts'
import type { Page } from './page.ts'
import type { Paint } from './paint.ts'
import { limitName, type Point } from './points.ts'
import { rangeOf } from './range.ts'
import { decimalsBetween, ticksBetween } from './ticks.ts'

/** Lines of the drawing, and characters of the axis left of it. */
const HEIGHT = 16
const AXIS = 8
const WIDEST = 110

/** The light curve in characters, brighter above; empty for less than two points. */
export function chartOf({ curve, survey }: Page, width: number, paint: Paint): string {
  const range = rangeOf(curve)
  if (range === undefined || curve.length < 2) return ''
  const columns = Math.min(WIDEST, width) - AXIS - 1
  if (columns < 20) return ''
  const [first, last] = range.mjd
  const [bright, faint] = range.magnitude
  const column = (mjd: number) => Math.round(((mjd - first) / (last - first)) * (columns - 1))
  const row = (magnitude: number) => Math.round(((magnitude - bright) / (faint - bright)) * (HEIGHT - 1))

  const cells = Array.from({ length: HEIGHT }, () => Array<string>(columns).fill(' '))
  // What is drawn later covers what is there: a detection a limit, the alert's own point everything.
  for (const point of curve.toSorted((one, other) => rank(one) - rank(other))) {
    const magnitude = point.magnitude ?? point.limit
    if (magnitude === null) continue
    cells[row(magnitude)]![column(point.mjd)] = paint(signOf(point), inkOf(point.band, survey).terminal)
  }
  const ticks = ticksBetween(bright, faint, 5)
  const labels = new Map(ticks.map((tick) => [row(tick), tick.toFixed(decimalsBetween(ticks))]))
  const lines = cells.map((line, at) => {
    const label = labels.get(at)
    return `${(label ?? '').padStart(AXIS - 2)} ${label === undefined ? '|' : '+'}${line.join('')}`.trimEnd()
  })
  return [...lines, ...timeAxis(range, columns, column), legend(curve, survey, paint)].join('\n')
}

function rank({ alert, magnitude, forced }: Point): number {
  return alert ? 3 : magnitude === null ? 0 : forced ? 1 : 2
}

/** The first letter of the band; a capital for a negative difference. */
function signOf({ magnitude, alert, band, negative }: Point): string {
  if (magnitude === null) return 'v'
  if (alert) return '*'
  const letter = letterOf(band)
  return negative ? letter.toUpperCase() : letter
}

function timeAxis(range: NonNullable<ReturnType<typeof rangeOf>>, columns: number, column: (mjd: number) => number) {
  const origin = range.origin
  const days = ticksBetween(range.mjd[0] - origin, range.mjd[1] - origin, Math.max(2, Math.floor(columns / 14)))
  const line = Array<string>(columns).fill('-')
  const labels = Array<string>(columns + AXIS).fill(' ')
  for (const day of days) {
    const at = column(day + origin)
    line[at] = '+'
    const label = day.toFixed(decimalsBetween(days))
    const start = Math.min(Math.max(0, AXIS + at - Math.floor(label.length / 2)), labels.length - label.length)
    for (const [n, character] of [...label].entries()) labels[start + n] = character
  }
  const title = `days ${range.hasAlert ? 'from this alert' : 'from the last point'}, MJD ${origin.toFixed(4)}`
  return [`${' '.repeat(AXIS - 1)}+${line.join('')}`, labels.join('').trimEnd(), `${' '.repeat(AXIS)}${title}`]
}

function legend(curve: readonly Point[], survey: string, paint: Paint): string {
  const bands = bandsIn(curve).map((band) =>
    paint(letterOf(band) === band ? band : `${letterOf(band)} ${band}`, inkOf(band, survey).terminal)
  )
  const parts = [
    bands.join(' '),
    curve.some(({ negative }) => negative) && 'capital: negative difference',
    curve.some(({ magnitude, limit }) => magnitude === null && limit !== null) && `v: ${limitName(survey, 'sigma')}`,
    curve.some(({ alert }) => alert) && '*: this alert'
  ]
  return `${' '.repeat(AXIS)}${parts.filter(Boolean).join('   ')}`
}
