import { type Case, cases } from './cases.ts'
import type { Proof } from './proof.ts'

const BEGIN = '<!-- proof: begin -->'
const END = '<!-- proof: end -->'
const heading = ['Format', 'Written by', 'Leaves we read', 'Read by', 'Leaves of ours', 'Verdict']

/** A line of the table for each case that the proof holds, in the order of the cases. */
export function rowsOf({ outcomes, versions }: Proof): string[] {
  return Object.entries(cases).flatMap(([name, one]) => {
    const outcome = outcomes[name]
    if (outcome === undefined) return []
    const { read, written, problems } = outcome
    const reader = one.back === null ? 'not written by us' : peerOf(one.reader ?? one.writer, one.with, versions)
    const cells = [
      one.format,
      peerOf(one.writer, one.with, versions),
      String(read),
      reader,
      one.back === null ? '' : String(written),
      problems.length > 0 ? 'different' : verdictOf(one)
    ]
    return [`| ${cells.join(' | ')} |`]
  })
}

function verdictOf({ back, nanAsNull, note }: Case): string {
  const equal = back?.asItCame ? 'equal; ours are the bytes as they came' : 'equal'
  return [equal, ...(nanAsNull ? ['NaN and infinity are null in our JSON'] : []), ...(note ? [note] : [])].join('; ')
}

/** The page with these rows in place of those that it has. */
export function withRows(page: string, rows: readonly string[]): string {
  const [before, after] = partsOf(page)
  const rule = heading.map(() => '---')
  const table = [`| ${heading.join(' | ')} |`, `| ${rule.join(' | ')} |`, ...rows].join('\n')
  return `${before}${BEGIN}\n${table}\n${END}${after}`
}

/** The rows of the table in the page. */
export function rowsIn(page: string): string[] {
  const [before, after] = partsOf(page)
  const table = page.slice(before.length + BEGIN.length, page.length - after.length - END.length)
  return table.trim().split('\n').slice(2)
}

function partsOf(page: string): [before: string, after: string] {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`docs/formats.md has no ${BEGIN} with ${END} behind it`)
  return [page.slice(0, begin), page.slice(end + END.length)]
}

const scripts = {
  'hop_peer.py': 'hop-client',
  'gcn_peer.py': 'gcn-kafka',
  'kafka_peer.py': 'confluent-kafka',
  'registry_peer.py': 'confluent-kafka',
  'fink_peer.py': 'fink-client',
  'antares_peer.py': 'antares-client',
  'pittgoogle_peer.py': 'pittgoogle-client',
  'offline_peer.py': 'fastavro'
} satisfies Record<Case['writer'], string>

function peerOf(script: Case['writer'], others: readonly string[] = [], versions: Proof['versions']): string {
  return [scripts[script], ...others].map((name) => `${name} ${versions[name]}`).join(', ')
}
