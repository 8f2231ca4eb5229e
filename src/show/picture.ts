import { createRequire } from 'node:module'
import { Resvg } from '@resvg/resvg-js'
import { parseHTML } from 'linkedom'
import { cutoutPanels } from './cutout-panels.ts'
import { type Canvas, shape } from './drawing.ts'
import { heading } from './heading.ts'
import { legend } from './legend.ts'
import { lightCurvePlot } from './light-curve-plot.ts'
import type { Page } from './page.ts'
import { rangeOf } from './range.ts'

/** Pixels. */
const WIDTH = 900
const MARGIN = 24
/** A server has no fonts of its own. */
const FONTS = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf']

/** The light curve and the cut-outs below each other; undefined where an alert has neither. */
export function pictureOf(page: Page, format: 'png' | 'svg'): Uint8Array | undefined {
  const canvas = parseHTML('<html></html>').document as unknown as Canvas
  const inner = WIDTH - 2 * MARGIN
  const range = rangeOf(page.curve)
  const curve = range === undefined ? [] : [legend(canvas, page), lightCurvePlot(canvas, page, range, inner)]
  const panels = cutoutPanels(canvas, page.cutouts, inner)
  if (range === undefined && panels === undefined) return undefined

  let y = MARGIN
  const placed = [heading(canvas, page, inner), ...curve, ...(panels ? [panels] : [])].map(({ drawn, height }) => {
    const at = shape(canvas, 'g', { transform: `translate(${MARGIN}, ${y})` }, drawn)
    y += height
    return at
  })
  const [width, height] = [WIDTH, y + MARGIN]
  const size = { width, height, viewBox: `0 0 ${width} ${height}` }
  const style = { xmlns: 'http://www.w3.org/2000/svg', 'font-family': 'DejaVu Sans, sans-serif' }
  const white = shape(canvas, 'rect', { width, height, fill: 'white' })
  const text = shape(canvas, 'svg', { ...style, ...size }, white, ...placed).outerHTML
  return format === 'svg' ? Buffer.from(text) : png(text)
}

function png(svg: string): Uint8Array {
  const find = createRequire(import.meta.url)
  const fontFiles = FONTS.map((name) => find.resolve(`dejavu-fonts-ttf/ttf/${name}`))
  const font = { fontFiles, loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' }
  return new Resvg(svg, { font }).render().asPng()
}
