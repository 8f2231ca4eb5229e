import { buckets, type StreamAccount, type TopicAccount, topicAccount } from './account.ts'

/** Topics with a row of their own, at most. */
const MOST_TOPICS = 1000
/** The row in which those stand together that came first. */
export const EARLIER = '(earlier topics)'

/**
 * Makes room for the row of one more topic, since a stream may have others each night. True when rows have gone, of which
 * nothing was in flight.
 */
export function makeRoom({ topics }: StreamAccount): boolean {
  const names = Object.keys(topics).filter((topic) => topic !== EARLIER)
  if (names.length < MOST_TOPICS) return false
  const gone = names.filter((topic) => topics[topic]!.inFlight === 0).slice(0, names.length + 1 - MOST_TOPICS)
  if (gone.length === 0) return false
  const earlier = topicAccount({ topics }, EARLIER)
  for (const topic of gone) {
    addRow(earlier, topics[topic]!)
    delete topics[topic]
  }
  return true
}

export function addRow(sum: TopicAccount, row: TopicAccount): void {
  for (const name of ['received', 'inFlight', ...buckets] as const) sum[name] += row[name]
}
