import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import type { Versions } from './fastavro.ts'
import { type Sample, spreadOf } from './measure.ts'

/** The first row is what the others are compared with. */
export interface Row {
  readonly title: string
  /** One a round, in the order of the rounds. */
  readonly samples: readonly Sample[]
  /** How many times the first row it has to be. */
  readonly wanted?: number
}

interface Run {
  readonly rows: readonly Row[]
  readonly versions: Versions
  readonly packets: readonly string[]
  readonly real: boolean
}

const perSecond = ({ packets, seconds }: Sample) => packets / seconds
const perCpuSecond = ({ packets, cpu }: Sample) => packets / cpu

/** The section of docs/formats.md, and in words what was not reached. */
export function report({ rows, versions, packets, real }: Run): {
  readonly text: string
  readonly missed: readonly string[]
} {
  const [base] = rows
  const missed: string[] = []
  const lines = rows.map(({ title, samples, wanted }) => {
    const rate = spreadOf(samples.map(perSecond))
    // Round by round: what else the machine does then meets both alike.
    const ratio = spreadOf(samples.map((sample, round) => perSecond(sample) / perSecond(base!.samples[round]!)))
    const cpu = spreadOf(samples.map((sample, round) => perCpuSecond(sample) / perCpuSecond(base!.samples[round]!)))
    if (wanted !== undefined && ratio.median < wanted) {
      missed.push(`${title}: ${ratio.median.toFixed(1)} times fastavro, and ${wanted} are wanted`)
    }
    const times = wanted === undefined ? ['1', '1', ''] : [shown(ratio), cpu.median.toFixed(1), `at least ${wanted}`]
    return `| ${[title, shown(rate), ...times].join(' | ')} |`
  })
  const rounds = base!.samples.length
  const kind = real ? `${packets.length} ZTF packets of \`../shared/data/ztf\`` : `${packets.length} synthetic packets`
  const text = `## Decoding speed

\`npm run speed\`: the codec \`avro\` and fastavro on ${kind}, a process each, by turns of a second; medians (least to most)
of ${rounds} rounds, and the ratios of each round.

| | packets/s | times fastavro | by processor time | wanted |
| --- | --- | --- | --- | --- |
${lines.join('\n')}

${machine()}, Node ${process.versions.node}, Python ${versions.python} with fastavro ${versions.fastavro} (compiled), ${new Date().toISOString().slice(0, 10)}.`
  return { text, missed }
}

function shown({ median, least, most }: { median: number; least: number; most: number }): string {
  const text = (value: number) =>
    value < 100 ? value.toFixed(1) : value.toLocaleString('en', { maximumFractionDigits: 0 })
  return `${text(median)} (${text(least)} to ${text(most)})`
}

function machine(): string {
  return `${availableParallelism()} cores (${cpus()[0]?.model.trim() || process.arch})`
}

const PAGE = join(import.meta.dirname, '../../docs/formats.md')
const BEGIN = '<!-- speed: begin -->'
const END = '<!-- speed: end -->'

/** Puts the section between its marks in docs/formats.md, at the end of a page that has none. */
export function writeSection(text: string): void {
  if (!existsSync(PAGE)) return
  const page = readFileSync(PAGE, 'utf8')
  const section = `${BEGIN}\n${text}\n${END}`
  const marked = new RegExp(`${BEGIN}[\\s\\S]*${END}`)
  const whole = marked.test(page) ? page.replace(marked, () => section) : `${page.trimEnd()}\n\n${section}\n`
  writeFileSync(PAGE, whole)
}
