import { inkOf } from './bands.ts'
import type { Page } from './page.ts'
import type { Paint } from './paint.ts'
import type { Point } from './points.ts'
import { magnitudeText } from './words.ts'

/** Rows that are shown; the oldest go first. */
const MOST = 30

/** The light curve in numbers, newest last; empty where there is none. */
export function tableOf({ curve, survey }: Page, paint: Paint): string {
  if (curve.length === 0) return ''
  const shown = curve.slice(-MOST)
  const hasFlux = shown.some(({ flux }) => flux !== null)
  const bandWidth = Math.max(4, ...shown.map(({ band }) => band.length)) + 2
  const head = `${'MJD (UTC)'.padEnd(14)}${'time'.padEnd(18)}${'band'.padEnd(bandWidth)}${'AB magnitude'.padEnd(18)}${hasFlux ? 'flux, nJy'.padEnd(20) : ''}`
  const rows = shown.map((point) => paint(rowOf(point, hasFlux, bandWidth), inkOf(point.band, survey).terminal))
  const left = curve.length - shown.length
  return [paint(head.trimEnd(), 2), ...(left > 0 ? [`... ${left} earlier`] : []), ...rows].join('\n')
}

function rowOf(point: Point, hasFlux: boolean, bandWidth: number): string {
  const { mjd, band, flux, fluxError } = point
  const time = new Date((mjd - 40_587) * 86_400_000).toISOString().slice(0, 16).replace('T', ' ')
  const fluxText = flux === null ? '' : `${flux.toFixed(0)}${fluxError === null ? '' : ` ± ${fluxError.toFixed(0)}`}`
  return [
    mjd.toFixed(5).padEnd(14),
    time.padEnd(18),
    band.padEnd(bandWidth),
    brightness(point).padEnd(18),
    hasFlux ? fluxText.padEnd(20) : '',
    remarks(point)
  ]
    .join('')
    .trimEnd()
}

function brightness({ magnitude, error, limit }: Point): string {
  if (magnitude !== null) return ` ${magnitudeText(magnitude, error)}`
  return limit === null ? ' not seen' : `>${limit.toFixed(3)}`
}

function remarks({ alert, negative, forced }: Point): string {
  return [negative && 'negative', forced && 'forced', alert && 'this alert'].filter(Boolean).join(', ')
}
