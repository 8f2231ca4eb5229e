import * as Plot from '@observablehq/plot'
import { inkOf } from './bands.ts'
import type { Canvas, Drawing, Piece } from './drawing.ts'
import type { Page } from './page.ts'
import type { Point } from './points.ts'
import type { Range } from './range.ts'
import { decimalsBetween, ticksBetween } from './ticks.ts'

/** Pixels. */
const HEIGHT = 400

/** AB magnitudes, bright ones above, over the modified Julian date; days from the alert along the upper edge. */
export function lightCurvePlot(
  canvas: Canvas,
  { curve, survey }: Page,
  { mjd, magnitude, origin, hasAlert }: Range,
  width: number
): Piece {
  const colour = ({ band }: Point) => inkOf(band, survey).colour
  const seen = curve.filter((point) => point.magnitude !== null)
  const limits = curve.filter((point) => point.magnitude === null && point.limit !== null)
  const found = seen.filter(({ forced }) => !forced)
  const forced = seen.filter((point) => point.forced)
  const days = ticksBetween(mjd[0] - origin, mjd[1] - origin, 8)
  const at = { x: 'mjd', y: 'magnitude' } as const
  const face = (point: Point) => (point.negative ? 'white' : colour(point))

  const drawn = Plot.plot({
    document: canvas,
    width,
    height: HEIGHT,
    marginLeft: 64,
    marginRight: 1,
    marginTop: 44,
    marginBottom: 44,
    style: { fontFamily: 'DejaVu Sans', fontSize: '12px', background: 'white' },
    x: { domain: mjd, type: 'linear' },
    y: { domain: [magnitude[1], magnitude[0]], type: 'linear' },
    marks: [
      Plot.gridX(ticksBetween(...mjd, 7), { stroke: '#e8e8e8', strokeOpacity: 1 }),
      Plot.gridY(ticksBetween(...magnitude, 7), { stroke: '#e8e8e8', strokeOpacity: 1 }),
      ...(hasAlert ? [Plot.ruleX([origin], { stroke: '#999', strokeDasharray: '4,4' })] : []),
      Plot.frame({ stroke: '#333' }),
      ...axes(mjd, magnitude, days, origin, hasAlert),
      Plot.dot(limits, {
        x: 'mjd',
        y: 'limit',
        symbol: 'triangle',
        rotate: 180,
        r: 5,
        stroke: colour,
        strokeWidth: 1.3,
        fill: 'white'
      }),
      Plot.ruleX(
        seen.filter(({ error }) => error !== null),
        { x: 'mjd', y1: brighter, y2: fainter, stroke: colour, strokeWidth: 1.3, clip: true }
      ),
      Plot.dot(forced, { ...at, symbol: 'square', r: 3.5, stroke: colour, strokeWidth: 1.4, fill: face }),
      Plot.dot(found, { ...at, r: 4.5, stroke: colour, strokeWidth: 1.6, fill: face }),
      Plot.dot(
        curve.filter(({ alert }) => alert),
        { x: 'mjd', y: (point: Point) => point.magnitude ?? point.limit, r: 10, stroke: '#111', strokeWidth: 1.6 }
      )
    ]
  })
  return { drawn: drawn as unknown as Drawing, height: HEIGHT + 16 }
}

const brighter = ({ magnitude, error }: Point) => magnitude! - error!
const fainter = ({ magnitude, error }: Point) => magnitude! + error!

function axes(
  mjd: Range['mjd'],
  magnitude: Range['magnitude'],
  days: readonly number[],
  origin: number,
  hasAlert: boolean
) {
  const dates = ticksBetween(...mjd, 7)
  const brightness = ticksBetween(...magnitude, 7)
  const label = { labelArrow: 'none', labelAnchor: 'center', tickSize: 5 } as const
  const fixed =
    (ticks: readonly number[], from = 0) =>
    (value: number) => {
      const text = (value - from).toFixed(decimalsBetween(ticks))
      return Number(text) === 0 ? '0' : text
    }
  return [
    Plot.axisX(dates, { ...label, anchor: 'bottom', tickFormat: fixed(dates), label: 'MJD (UTC)', labelOffset: 38 }),
    Plot.axisX(
      days.map((day) => day + origin),
      {
        ...label,
        anchor: 'top',
        tickFormat: fixed(days, origin),
        label: hasAlert ? 'days from this alert' : 'days from the last point',
        labelOffset: 36
      }
    ),
    Plot.axisY(brightness, { ...label, tickFormat: fixed(brightness), label: 'AB magnitude', labelOffset: 54 })
  ]
}
