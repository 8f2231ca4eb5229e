import { PNG } from 'pngjs'
import { type Cutout, imageIn } from './cutouts.ts'
import { type Canvas, type Drawing, type Piece, shape, words } from './drawing.ts'
import type { FitsImage } from './fits.ts'
import { type Compass, compassOf } from './north.ts'
import { stretched } from './stretch.ts'

const GAP = 24
const LABEL = 22

/** Side by side, each with its name; undefined where there are none. */
export function cutoutPanels(canvas: Canvas, cutouts: readonly Cutout[], width: number): Piece | undefined {
  if (cutouts.length === 0) return undefined
  const side = Math.floor((width - 2 * GAP) / 3)
  const panels = cutouts.map((cutout, at) => {
    const image = imageIn(cutout)
    const name = words(canvas, cutout.label, { x: side / 2, y: 14, 'text-anchor': 'middle', 'font-size': 13 })
    const content = typeof image === 'string' ? missing(canvas, image, side) : pixels(canvas, image, side)
    return shape(canvas, 'g', { transform: `translate(${at * (side + GAP)}, 0)` }, name, ...content)
  })
  return { drawn: shape(canvas, 'g', {}, ...panels), height: side + LABEL }
}

function missing(canvas: Canvas, reason: string, side: number): readonly Drawing[] {
  const box = { x: 0.5, y: LABEL + 0.5, width: side - 1, height: side - 1, fill: '#f4f4f4', stroke: '#999' }
  const text = { x: side / 2, y: LABEL + side / 2, 'text-anchor': 'middle', 'font-size': 11, fill: '#555' }
  return [shape(canvas, 'rect', box), words(canvas, reason.slice(0, 40), text)]
}

/** As large as fits, pixels square. */
function pixels(canvas: Canvas, image: FitsImage, side: number): readonly Drawing[] {
  const scale = side / Math.max(image.width, image.height)
  const [width, height] = [image.width * scale, image.height * scale]
  const [x, y] = [(side - width) / 2, LABEL + (side - height) / 2]
  const href = `data:image/png;base64,${pngOf(image).toString('base64')}`
  const compass = compassOf(image)
  return [
    shape(canvas, 'image', {
      x,
      y,
      width,
      height,
      href,
      'image-rendering': 'optimizeSpeed',
      preserveAspectRatio: 'none'
    }),
    shape(canvas, 'rect', {
      x: x + 0.5,
      y: y + 0.5,
      width: width - 1,
      height: height - 1,
      fill: 'none',
      stroke: '#333'
    }),
    ...(compass ? arrows(canvas, compass, x + width - 40, y + height - 40) : [])
  ]
}

/** The first row of FITS is the lowest, of PNG the highest. */
export function pngOf(image: FitsImage): Buffer {
  const { width, height } = image
  const png = new PNG({ width, height })
  const grey = stretched(image.values)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = grey[(height - 1 - y) * width + x]!
      // What has no value is neither dark nor bright.
      const colour = Number.isNaN(value) ? [70, 110, 150] : Array(3).fill(Math.round(255 * value))
      png.data.set([...colour, 255], 4 * (y * width + x))
    }
  }
  return PNG.sync.write(png)
}

/** North and east from one point; the picture's y goes down. */
function arrows(canvas: Canvas, { north, east }: Compass, x: number, y: number): readonly Drawing[] {
  const arrow = ([dx, dy]: readonly [number, number], name: string) => [
    shape(canvas, 'line', { x1: x, y1: y, x2: x + 22 * dx, y2: y - 22 * dy, stroke: '#ffd23f', 'stroke-width': 2 }),
    words(canvas, name, {
      x: x + 31 * dx,
      y: y - 31 * dy + 4,
      'text-anchor': 'middle',
      'font-size': 11,
      fill: '#ffd23f'
    })
  ]
  return [...arrow(north, 'N'), ...arrow(east, 'E')]
}
