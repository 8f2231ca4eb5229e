import { bandsIn, inkOf } from './bands.ts'
import { type Canvas, lengthOf, type Piece, shape, words } from './drawing.ts'
import type { Page } from './page.ts'
import { limitName } from './points.ts'

const SIZE = 12
const GREY = '#555'

/** What the signs of the light curve mean: those alone that it has. */
export function legend(canvas: Canvas, { curve, survey }: Page): Piece {
  const draw = (name: string, attributes: Record<string, string | number>) =>
    shape(canvas, name, { 'stroke-width': 1.5, ...attributes })
  const dot = (fill: string, stroke: string) => draw('circle', { r: 4.5, fill, stroke })
  const bands = bandsIn(curve).map((band) => {
    const { colour } = inkOf(band, survey)
    return [dot(colour, colour), band] as const
  })
  const signs = [
    [curve.some(({ negative }) => negative), dot('white', GREY), 'negative difference'],
    [
      curve.some(({ forced, magnitude }) => forced && magnitude !== null),
      draw('rect', { x: -4, y: -4, width: 8, height: 8, fill: GREY, stroke: GREY }),
      'forced photometry'
    ],
    [
      curve.some(({ magnitude, limit }) => magnitude === null && limit !== null),
      draw('path', { d: 'M-5,-4 L5,-4 L0,5 Z', fill: 'white', stroke: GREY }),
      limitName(survey, 'σ')
    ],
    [curve.some(({ alert }) => alert), draw('circle', { r: 7, fill: 'none', stroke: '#111' }), 'this alert']
  ] as const
  const entries = [...bands, ...signs.flatMap(([there, sign, text]) => (there ? [[sign, text] as const] : []))]
  let x = 6
  const placed = entries.flatMap(([sign, text]) => {
    sign.setAttribute('transform', `translate(${x}, 8)`)
    const label = words(canvas, text, { x: x + 12, y: 12.5, 'font-size': SIZE })
    x += 12 + lengthOf(text, SIZE) + 22
    return [sign, label]
  })
  return { drawn: shape(canvas, 'g', {}, ...placed), height: 24 }
}
