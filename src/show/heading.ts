import { type Canvas, type Piece, shape, words } from './drawing.ts'
import type { Page } from './page.ts'
import { mjdOf } from './points.ts'
import { galactic, type Position, sexagesimal } from './sky.ts'
import { harmless } from './words.ts'

const GREY = '#444'

/** What it is and where, at the left; which alert and when, at the right. */
export function heading(canvas: Canvas, { title, survey, id, position, at }: Page, width: number): Piece {
  const right = { x: width, 'text-anchor': 'end', 'font-size': 13, fill: GREY }
  const alert = [survey, id !== null && id !== title ? id : ''].filter((part) => part !== '').join(' ')
  const lines = [
    words(canvas, short(title, 48), { y: 16, 'font-size': 20, 'font-weight': 'bold' }),
    words(canvas, short(alert, 50), { y: 16, ...right }),
    ...(position ? [words(canvas, placeText(position), { y: 40, 'font-size': 13, fill: GREY })] : []),
    ...(at ? [words(canvas, timeText(at), { y: 40, ...right })] : [])
  ]
  return { drawn: shape(canvas, 'g', {}, ...lines), height: position || at ? 56 : 32 }
}

function placeText(position: Position): string {
  const { ra, dec } = position
  return `${sexagesimal(position)}  ·  ${ra.toFixed(5)}, ${dec.toFixed(5)}  ·  b ${galactic(position).b.toFixed(1)}°`
}

function timeText(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC  ·  MJD ${mjdOf(at).toFixed(5)}`
}

function short(text: string, most: number): string {
  const line = harmless(text).replaceAll('\n', ' ')
  return line.length > most ? `${line.slice(0, most - 1)}…` : line
}
