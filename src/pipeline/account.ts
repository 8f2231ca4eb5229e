/** Where an alert can end; every received one is in exactly one of them, or in flight. */
export const buckets = [
  'delivered',
  'handled',
  'filtered',
  'deduplicated',
  'deadLettered',
  'skipped',
  'givenBack'
] as const
export type Bucket = (typeof buckets)[number]

/** What a stream does at the moment. */
export const streamStates = [
  'idle',
  'connecting',
  'reading',
  'waiting',
  'draining',
  'resting',
  'stopped',
  'ended',
  'failed'
] as const
export type StreamState = (typeof streamStates)[number]

/** The alerts of one topic of one stream. */
export type TopicAccount = { received: number; inFlight: number } & Record<Bucket, number>

/** The messages of one sink: taken = written + rejected + inFlight. */
export interface SinkAccount {
  taken: number
  written: number
  rejected: number
  inFlight: number
  /** Bytes written. */
  bytes: number
  /** Writes that failed as a whole and were repeated. */
  retries: number
}

export interface StreamAccount {
  state: StreamState
  /** Why it is not reading, when it is not. */
  reason: string | undefined
  /** What alerts wait for before they can be decoded: a schema registry, a host of large messages. */
  missing?: string | undefined
  /** Why alerts of a route wait for its handler, by the route's key. */
  handlers: Record<string, string>
  firstMessage: Date | undefined
  lastCommit: Date | undefined
  /** Messages that the source lost before they could be read, by topic. */
  missed: Record<string, number>
  /** Calls of handlers that failed, those that were repeated with success included. */
  failedCalls: number
  /** How often a HEARTBEAT stayed away. */
  heartbeatsMissed: number
  /** How often it stood still with messages at the source, and was reopened. */
  stalls: number
  topics: Record<string, TopicAccount>
}

/** Counts of everything that went through this process. Its records have no prototype: a topic may be a `constructor`. */
export class Account {
  readonly started: Date
  readonly streams: Record<string, StreamAccount> = Object.create(null)
  readonly sinks: Record<string, SinkAccount> = Object.create(null)

  constructor(started = new Date()) {
    this.started = started
  }

  stream(id: string): StreamAccount {
    this.streams[id] ??= {
      state: 'idle',
      reason: undefined,
      handlers: Object.create(null),
      firstMessage: undefined,
      lastCommit: undefined,
      missed: Object.create(null),
      failedCalls: 0,
      heartbeatsMissed: 0,
      stalls: 0,
      topics: Object.create(null)
    }
    return this.streams[id]
  }

  sink(name: string): SinkAccount {
    this.sinks[name] ??= { taken: 0, written: 0, rejected: 0, inFlight: 0, bytes: 0, retries: 0 }
    return this.sinks[name]
  }

  /** What does not add up, in words; empty when all does. */
  mismatches(): string[] {
    const found: string[] = []
    for (const [id, stream] of Object.entries(this.streams)) {
      for (const [topic, row] of Object.entries(stream.topics)) {
        const sum = buckets.reduce((total, bucket) => total + row[bucket], row.inFlight)
        if (sum !== row.received) found.push(`${id} ${topic}: received ${row.received}, accounted for ${sum}`)
      }
    }
    for (const [name, row] of Object.entries(this.sinks)) {
      const sum = row.written + row.rejected + row.inFlight
      if (sum !== row.taken) found.push(`sink ${name}: taken ${row.taken}, accounted for ${sum}`)
    }
    return found
  }

  toJSON(): Record<string, unknown> {
    const { started, streams, sinks } = this
    return { started, written: new Date(), balanced: this.mismatches().length === 0, streams, sinks }
  }
}

export function topicAccount(stream: Pick<StreamAccount, 'topics'>, topic: string): TopicAccount {
  stream.topics[topic] ??= {
    received: 0,
    inFlight: 0,
    delivered: 0,
    handled: 0,
    filtered: 0,
    deduplicated: 0,
    deadLettered: 0,
    skipped: 0,
    givenBack: 0
  }
  return stream.topics[topic]
}

/** All topics of a stream together. */
export function flowOf({ topics }: StreamAccount): { readonly received: number; readonly inFlight: number } {
  let [received, inFlight] = [0, 0]
  for (const row of Object.values(topics)) {
    received += row.received
    inFlight += row.inFlight
  }
  return { received, inFlight }
}
