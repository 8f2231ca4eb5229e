import { type Account, buckets } from '../pipeline/account.ts'

/** The account as lines for people: one a topic, one a sink; counts that are zero are left out. */
export function reportLines(account: Account): string[] {
  const lines: string[] = []
  for (const [id, stream] of Object.entries(account.streams)) {
    const topics = Object.entries(stream.topics)
    const reason = stream.reason === undefined ? '' : `: ${stream.reason}`
    if (topics.length === 0) lines.push(`${id} (${stream.state}${reason}): nothing received`)
    for (const [topic, row] of topics) {
      const parts = buckets.filter((bucket) => row[bucket] > 0).map((bucket) => `${row[bucket]} ${words[bucket]}`)
      if (row.inFlight > 0) parts.push(`${row.inFlight} in flight`)
      lines.push(`${id} ${topic} (${stream.state}${reason}): ${row.received} received = ${parts.join(' + ') || '0'}`)
    }
    if (stream.failedCalls > 0)
      lines.push(`${id}: failed calls of handlers, repetitions included: ${stream.failedCalls}`)
    if (stream.heartbeatsMissed > 0) lines.push(`${id}: HEARTBEAT missed ${stream.heartbeatsMissed} times`)
    if (stream.stalls > 0) lines.push(`${id}: stood still ${stream.stalls} times and was reopened`)
    for (const [topic, missed] of Object.entries(stream.missed)) lines.push(`${id} ${topic}: ${missed} missed`)
  }
  for (const [name, row] of Object.entries(account.sinks)) {
    const parts = [`${row.written} written`]
    if (row.rejected > 0) parts.push(`${row.rejected} rejected`)
    if (row.inFlight > 0) parts.push(`${row.inFlight} in flight`)
    lines.push(`sink ${name}: ${row.taken} taken = ${parts.join(' + ')}`)
  }
  return lines
}

const words: Record<(typeof buckets)[number], string> = {
  delivered: 'delivered',
  handled: 'handled',
  filtered: 'filtered',
  deduplicated: 'deduplicated',
  deadLettered: 'dead letters',
  skipped: 'skipped',
  givenBack: 'given back'
}
