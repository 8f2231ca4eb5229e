import { type Account, buckets, type StreamAccount, streamStates, type TopicAccount } from '../pipeline/account.ts'
import { EARLIER } from '../pipeline/earlier-topics.ts'
import type { Observed, ObservedStream, Sample } from './observed.ts'

/** A metric whose samples are made when it is asked for. */
export interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly samples: (observed: Observed) => readonly Sample[] | Promise<readonly Sample[]>
}

export const metricList: readonly Metric[] = [
  byTopic('received_total', 'Alerts that were received.', (row) => row.received),
  metric('settled_total', `Alerts by how they ended: ${buckets.join(', ')}.`, ({ streams }) =>
    streams.flatMap(({ id: stream, account }) =>
      rowsOf(account).flatMap(([topic, row]) =>
        buckets.map((bucket) => ({ labels: { stream, topic, bucket }, value: row[bucket] }))
      )
    )
  ),
  byTopic('in_flight_alerts', 'Alerts that were received and have not ended.', (row) => row.inFlight),
  counted('missed_total', 'Messages that the source lost before they could be read.', 'topic', (s) => s.account.missed),
  counted('dead_letters_total', 'Dead letters by code.', 'code', ({ journal }) => journal.deadLetters),
  metric('stream_state', `1 for the state in which the stream is: ${streamStates.join(', ')}.`, ({ streams }) =>
    streams.flatMap(({ id: stream, account }) =>
      streamStates.map((state) => ({ labels: { stream, state }, value: Number(account.state === state) }))
    )
  ),
  byStream('connects_total', 'How often the source was opened.', ({ journal }) => journal.connects),
  byStream('waits_total', 'How often the source could not be read.', ({ journal }) => journal.waits),
  byStream('stalls_total', 'How often the stream stood still and was reopened.', ({ account }) => account.stalls),
  byStream('heartbeats_missed_total', 'How often a HEARTBEAT stayed away.', (s) => s.account.heartbeatsMissed),
  byStream('preparing', '1 while alerts wait for what they need to be decoded or handled.', ({ account }) =>
    Number(account.missing !== undefined || Object.keys(account.handlers).length > 0)
  ),
  byStream('last_commit_timestamp_seconds', 'When the source last confirmed what is done, since 1970.', (s) =>
    secondsOf(s.account.lastCommit)
  ),
  byStream('buffer_used_bytes', 'What the stream holds of BUFFER_BYTES.', ({ share }) => share.used),
  metric('buffer_limit_bytes', 'BUFFER_BYTES.', ({ bufferBytes }) => [{ labels: {}, value: bufferBytes }]),
  bySink('written_total', 'Messages that the sink has taken.', (row) => row.written),
  bySink('rejected_total', 'Messages that the sink can never take.', (row) => row.rejected),
  bySink('written_bytes_total', 'Bytes that the sink has taken.', (row) => row.bytes),
  bySink('retries_total', 'Writes that failed as a whole and were repeated.', (row) => row.retries),
  bySink('in_flight_messages', 'Messages that wait for the sink.', (row) => row.inFlight),
  metric('sink_up', '0 while the sink cannot be written.', ({ sinkFaults }) =>
    Object.entries(sinkFaults).map(([sink, fault]) => ({ labels: { sink }, value: Number(fault === undefined) }))
  ),
  metric('ready', '1 while /readyz is well.', ({ readiness }) => [{ labels: {}, value: Number(readiness.ready) }])
]

function metric(word: string, help: string, samples: (observed: Observed) => readonly Sample[]): Metric {
  const type = word.endsWith('_total') ? 'counter' : 'gauge'
  return { name: `alertstreams_${word}`, help, type, samples }
}

function byTopic(word: string, help: string, read: (row: TopicAccount) => number): Metric {
  return metric(word, help, ({ streams }) =>
    streams.flatMap(({ id: stream, account }) =>
      rowsOf(account).map(([topic, row]) => ({ labels: { stream, topic }, value: read(row) }))
    )
  )
}

/** Without those that stand together, which would be counted a second time by whoever adds up the increases. */
function rowsOf({ topics }: StreamAccount): readonly (readonly [topic: string, row: TopicAccount])[] {
  return Object.entries(topics).filter(([topic]) => topic !== EARLIER)
}

/** Per stream, and one more label. */
function counted(
  word: string,
  help: string,
  label: string,
  countsOf: (stream: ObservedStream) => Readonly<Record<string, number>>
): Metric {
  return metric(word, help, ({ streams }) =>
    streams.flatMap((stream) =>
      Object.entries(countsOf(stream)).map(([key, value]) => ({ labels: { stream: stream.id, [label]: key }, value }))
    )
  )
}

/** Left out for a stream of which the value is undefined. */
function byStream(word: string, help: string, read: (stream: ObservedStream) => number | undefined): Metric {
  return metric(`stream_${word}`, help, ({ streams }) =>
    streams.flatMap((stream) => {
      const value = read(stream)
      return value === undefined ? [] : [{ labels: { stream: stream.id }, value }]
    })
  )
}

function bySink(word: string, help: string, read: (row: Account['sinks'][string]) => number): Metric {
  return metric(`sink_${word}`, help, ({ account }) =>
    Object.entries(account.sinks).map(([sink, row]) => ({ labels: { sink }, value: read(row) }))
  )
}

function secondsOf(time: Date | undefined): number | undefined {
  return time && time.getTime() / 1000
}
