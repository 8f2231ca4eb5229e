import { chartOf } from './chart.ts'
import { imageIn } from './cutouts.ts'
import type { Line, Page } from './page.ts'
import type { Paint } from './paint.ts'
import { mjdOf } from './points.ts'
import { galactic, sexagesimal } from './sky.ts'
import { tableOf } from './table.ts'
import { harmless, joined, mjdText } from './words.ts'

/** Characters in front of each value. */
const LABELS = 15

/** The alert for a terminal that is so many characters wide. Whatever an alert holds, nothing in it steers the terminal. */
export function textOf(page: Page, width: number, paint: Paint): string {
  const parts = [
    folded(oneLine(headingOf(page)), width)
      .map((line) => paint(line, 1))
      .join('\n'),
    [...general(page), ...page.lines, ['cut-outs', cutouts(page)] as const]
      .flatMap((line) => wrapped(line, width, paint))
      .join('\n'),
    tableOf(page, paint),
    chartOf(page, width, paint),
    harmless(page.text)
      .split('\n')
      .flatMap((line) => folded(line, width))
      .join('\n')
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function headingOf({ survey, title }: Page): string {
  return joined([title, survey], '   ')!
}

function general({ position, at }: Page): readonly Line[] {
  return [
    [
      'position',
      position === null
        ? undefined
        : `${position.ra.toFixed(7)} ${position.dec.toFixed(7)} deg   ${sexagesimal(position)}`
    ],
    ['galactic', position === null ? undefined : galacticText(position)],
    ['observed', at === null ? undefined : `${at.toISOString()}   ${mjdText(mjdOf(at))}`]
  ]
}

function galacticText(position: NonNullable<Page['position']>): string {
  const { l, b } = galactic(position)
  return `l ${l.toFixed(4)}  b ${b >= 0 ? '+' : ''}${b.toFixed(4)} deg`
}

function cutouts({ cutouts }: Page): string | undefined {
  return joined(
    cutouts.map((cutout) => {
      const image = imageIn(cutout)
      return `${cutout.label} ${typeof image === 'string' ? `(${image})` : `${image.width}x${image.height}`}`
    })
  )
}

function wrapped([label, value]: Line, width: number, paint: Paint): readonly string[] {
  if (value === undefined) return []
  const room = Math.max(20, width - LABELS)
  return folded(oneLine(value), room).map((line, at) => {
    const before = (at === 0 ? label : '').padEnd(LABELS)
    return `${paint(before, 2)}${line}`
  })
}

const oneLine = (text: string) => harmless(text).replaceAll('\n', ' ')

/** Lines of at most so many characters, broken between words where there is a place. */
function folded(line: string, width: number): readonly string[] {
  const indent = /^ */.exec(line)![0].slice(0, width / 2)
  const lines: string[] = []
  let rest = line
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width)
    const at = space > indent.length ? space : width
    lines.push(rest.slice(0, at).trimEnd())
    rest = indent + rest.slice(at).trimStart()
  }
  return [...lines, rest]
}
