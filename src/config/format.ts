import type { Finding } from './report.ts'
import type { Place, Source } from './tree.ts'

const MASK = '***'
const WIDEST = 140

/** `file:line:column: rule`, the line with a caret under the place, and the remedy. */
export function formatFinding(finding: Finding, secrets: readonly string[], colour = false): string {
  const { place, remedy } = finding
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const rule = paint(1, withoutSecrets(finding.rule, secrets))
  const lines = place === undefined ? [rule] : [`${position(place)}: ${rule}`, ...excerpt(place, paint)]
  if (remedy !== undefined) lines.push(`  ${withoutSecrets(remedy, secrets)}`)
  return lines.join('\n')
}

/** `file:line:column`, counted from 1. */
export function position({ source, from }: Place): string {
  const { line, col } = source.lines.linePos(from)
  return `${source.shown}:${Math.max(line, 1)}:${Math.max(col, 1)}`
}

function excerpt(place: Place, paint: (code: number, text: string) => string): readonly string[] {
  const { source, from, to } = place
  const start = source.text.lastIndexOf('\n', from - 1) + 1
  const text = source.text.slice(start).split(/\r?\n/, 1)[0]!
  const line = source.lines.linePos(from).line
  const shown = cut(masked(source, text, start, from - start, Math.min(to - start, text.length)))
  const gutter = `${line}`.padStart(4)
  return [
    `${gutter} | ${shown.text.replaceAll('\t', '→')}`,
    `     | ${' '.repeat(shown.from)}${paint(31, '^'.repeat(Math.max(shown.to - shown.from, 1)))}`
  ]
}

interface Shown {
  readonly text: string
  readonly from: number
  readonly to: number
}

/** The line with every secret range replaced, and the caret moved along. */
function masked(source: Source, text: string, start: number, from: number, to: number): Shown {
  const parts: string[] = []
  let [shownFrom, shownTo, done] = [from, to, 0]
  for (const [hideFrom, hideTo] of hiddenRanges(source, text, start)) {
    if (hideTo <= done) continue
    const first = Math.max(hideFrom, done)
    parts.push(text.slice(done, first), MASK)
    const shift = (column: number, kept: number) =>
      column >= hideTo ? kept + MASK.length - (hideTo - first) : column > first ? kept - (column - first) : kept
    shownFrom = shift(from, shownFrom)
    shownTo = to >= hideTo ? shift(to, shownTo) : to > first ? shownTo - (to - first) + MASK.length : shownTo
    done = hideTo
  }
  return { text: parts.join('') + text.slice(done), from: shownFrom, to: shownTo }
}

/** Columns of this line that are not to be shown: secret values, and credentials in URLs. */
function hiddenRanges(source: Source, text: string, start: number): readonly (readonly [number, number])[] {
  const ranges = source.hidden
    .map(([from, to]) => [Math.max(from - start, 0), Math.min(to - start, text.length)] as const)
    .filter(([from, to]) => from < to)
  const urls = [...text.matchAll(/(?<=:\/\/|^|[\s"'])[^/@\s"':]*:(?!\/\/)[^\s"']*(?=@)/g)]
  return [...ranges, ...urls.map((url) => [url.index, url.index + url[0].length] as const)].toSorted(
    (a, b) => a[0] - b[0]
  )
}

/** A very long line: the part around the caret. */
function cut({ text, from, to }: Shown): Shown {
  if (text.length <= WIDEST) return { text, from, to }
  const start = Math.max(0, Math.min(from - WIDEST / 2, text.length - WIDEST))
  const window = text.slice(start, start + WIDEST)
  const end = start + WIDEST < text.length ? '…' : ''
  return { text: window + end, from: from - start, to: Math.min(to - start, WIDEST) }
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length > 3)
    .toSorted((a, b) => b.length - a.length)
    .reduce((clean, secret) => clean.replaceAll(secret, MASK), text)
}
