import { readFileSync } from 'node:fs'
import { accountOf, type Life } from './members.ts'

interface SinkRow {
  readonly taken: number
  readonly written: number
  readonly rejected: number
  readonly inFlight: number
}

interface AccountFile {
  readonly balanced: boolean
  readonly streams: Readonly<
    Record<string, { readonly topics: Readonly<Record<string, Readonly<Record<string, number>>>> }>
  >
  readonly sinks: Readonly<Record<string, SinkRow>>
}

/** What the lives of the program say about themselves, against what lies in the topics. */
export interface LivesReport {
  readonly lives: number
  readonly inOrder: number
  readonly killed: number
  readonly givenBack: number
  readonly violations: readonly string[]
}

const sinkTopics: Readonly<Record<string, string>> = { out: 'out', small: 'out-small', dead: 'dead', file: 'file' }

/** Exit codes and accounts: every life that ended in order must add up, by itself and with what was written. */
export function examine(lives: readonly Life[], records: Readonly<Record<string, number>>): LivesReport {
  const violations: string[] = []
  const written: Record<string, number> = {}
  let givenBack = 0
  const inOrder = lives.filter((life) => life.meant === 'SIGTERM')
  for (const life of inOrder) {
    const name = `life ${life.number} (member ${life.member})`
    if (life.code !== 0)
      violations.push(`${name} ended with ${life.signal ?? life.code} after SIGTERM: ${life.logFile}`)
    const account = accountOf(life) as AccountFile | undefined
    if (account === undefined) {
      violations.push(`${name} wrote no account`)
      continue
    }
    if (!account.balanced) violations.push(`${name}: its account does not add up`)
    for (const [id, { topics }] of Object.entries(account.streams)) {
      for (const [topic, { received = 0, ...buckets }] of Object.entries(topics)) {
        const sum = Object.values(buckets).reduce((total, count) => total + count, 0)
        if (sum !== received) violations.push(`${name}, ${id} ${topic}: ${received} received, ${sum} accounted for`)
        if (buckets.inFlight !== 0) violations.push(`${name}, ${id} ${topic}: ${buckets.inFlight} in flight at the end`)
        if (buckets.skipped !== 0) violations.push(`${name}, ${id} ${topic}: ${buckets.skipped} skipped`)
        givenBack += buckets.givenBack ?? 0
      }
    }
    for (const [sink, row] of Object.entries(account.sinks)) {
      if (row.taken !== row.written + row.rejected + row.inFlight || row.inFlight !== 0)
        violations.push(`${name}: sink ${sink} took ${row.taken}, wrote ${row.written}, refused ${row.rejected}`)
      written[sink] = (written[sink] ?? 0) + row.written
    }
  }
  for (const [sink, count] of Object.entries(written)) {
    const found = records[sinkTopics[sink]!] ?? 0
    if (count > found) violations.push(`sink ${sink}: the accounts say ${count} written, and ${found} are there`)
  }
  for (const life of lives) violations.push(...complaints(life))
  return {
    lives: lives.length,
    inOrder: inOrder.length,
    killed: lives.filter((life) => life.meant === 'SIGKILL').length,
    givenBack,
    violations
  }
}

/** A stream that failed for good, or what looks like a defect of ours, in its log. */
function complaints(life: Life): string[] {
  const lines = readFileSync(life.logFile, 'utf8').split('\n')
  const bad = lines.filter((line) => /stream failed|does not add up|TypeError|unhandled|gone before/i.test(line))
  const real = bad.filter((line) => !line.includes('fails the first time'))
  return real.slice(0, 3).map((line) => `life ${life.number}: ${line.slice(0, 400)}`)
}
