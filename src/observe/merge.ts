import { Account, type StreamAccount, topicAccount } from '../pipeline/account.ts'

/** What an account counts. */
export type AccountCounts = Pick<Account, 'started' | 'streams' | 'sinks'>

/** The account of several processes together: every count is the sum of theirs. */
export function mergeAccounts(parts: readonly AccountCounts[]): Account {
  const whole = new Account(earliest(parts.map(({ started }) => started)))
  for (const { streams, sinks } of parts) {
    for (const [id, stream] of Object.entries(streams)) mergeStream(whole.stream(id), stream)
    for (const [name, sink] of Object.entries(sinks)) addCounts(whole.sink(name), sink)
  }
  return whole
}

function mergeStream(whole: StreamAccount, part: StreamAccount): void {
  if (whole.state !== 'failed') {
    whole.state = part.state
    whole.reason = part.reason
  }
  whole.firstMessage = earliest([whole.firstMessage, part.firstMessage])
  whole.lastCommit = latest([whole.lastCommit, part.lastCommit])
  Object.assign(whole.handlers, part.handlers)
  whole.failedCalls += part.failedCalls
  whole.heartbeatsMissed += part.heartbeatsMissed
  whole.stalls += part.stalls
  for (const [topic, missed] of Object.entries(part.missed)) whole.missed[topic] = (whole.missed[topic] ?? 0) + missed
  for (const [topic, row] of Object.entries(part.topics)) addCounts(topicAccount(whole, topic), row)
}

function addCounts<Name extends string>(whole: Record<Name, number>, part: Readonly<Record<Name, number>>): void {
  for (const name in whole) whole[name] += part[name]
}

function earliest(dates: readonly (Date | undefined)[]): Date | undefined {
  return sorted(dates)[0]
}

function latest(dates: readonly (Date | undefined)[]): Date | undefined {
  return sorted(dates).at(-1)
}

function sorted(dates: readonly (Date | undefined)[]): Date[] {
  return dates.filter((date) => date !== undefined).toSorted((a, b) => a.getTime() - b.getTime())
}
