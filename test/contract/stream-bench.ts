import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Headers } from '../../src/contract/alert.ts'
import type { AlertStream, Delivery, StreamEvent, StreamSetup } from '../../src/contract/stream.ts'
import { RecordingLog } from './log.ts'
import { Reading } from './reading.ts'
import { TestRoom } from './room.ts'
import { expectNone } from './secrets.ts'

/** What a stream claims; the suite runs the tests that go with the claims. */
export interface StreamPromises {
  /** Deliveries name their `partition`, and come in the order of publishing within it. */
  readonly ordered: boolean
  /** When an unfinished message comes again after `nack`. */
  readonly redelivers: 'at once' | 'after reopening' | 'never'
  /** Acks outlive the stream: what is done does not come again after reopening. False for a replay of files. */
  readonly remembers: boolean
  /** `read` ends by itself behind the last message. */
  readonly ends: boolean
  readonly keepsKey: 'bytes' | 'text' | 'no'
  /** `all`: order, repeated names, bytes and null. `text`: distinct names with UTF-8 text, in any order. */
  readonly keepsHeaders: 'all' | 'text' | 'no'
  /** A message without a value arrives as null and not as empty. */
  readonly keepsNull: boolean
  /** False where the source holds no bytes and they are made when it is read: rows of a table. */
  readonly keepsBytes?: boolean
}

/** A message for the source; the sequence of one `publish` is the order within equal keys. */
export interface Published {
  readonly key: Uint8Array | null
  readonly headers: Headers
  readonly bytes: Uint8Array | null
}

/** A source of its own for one test. */
export interface StreamStage {
  publish(messages: readonly Published[]): Promise<void>
  /** A new stream over that source, each time as the same consumer. Make its setup by `streamSetup({...over, topics})`. */
  open(over: Partial<StreamSetup>): AlertStream
  /** The ids that the source itself counts as done. Left out where nobody can ask it. */
  acked?(): Promise<readonly string[]>
  tearDown(): Promise<void>
}

export interface StreamHarness {
  readonly promises: StreamPromises
  /** Called once for each test. */
  setUp(): Promise<StreamStage>
  /** A stream whose source nobody answers for; `connect` must reject with `CONNECT_FAILED`. */
  unreachable?(over: Partial<StreamSetup>): AlertStream | Promise<AlertStream>
  /** A stream with a wrong secret; `connect` must reject with `CREDENTIALS_REFUSED`. */
  refused?(over: Partial<StreamSetup>): AlertStream | Promise<AlertStream>
  /** Every secret that the harness gives its streams; none may show in a log line or an error. */
  readonly secrets?: readonly string[]
}

/** A complete setup, for harnesses. */
export function streamSetup(over: Partial<StreamSetup> = {}): StreamSetup {
  const folder = join(tmpdir(), 'alertstreams-test')
  return {
    id: 'under-test',
    topics: ['*'],
    room: new TestRoom(),
    log: new RecordingLog(),
    baseDir: folder,
    stateDir: join(folder, '.alertstreams'),
    note: () => {},
    ...over
  }
}

/** One test's source, and the lives of the stream over it. */
export class StreamBench {
  readonly harness: StreamHarness
  readonly stage: StreamStage
  readonly log = new RecordingLog()
  readonly events: StreamEvent[] = []
  readonly #readings: Reading[] = []

  constructor(harness: StreamHarness, stage: StreamStage) {
    this.harness = harness
    this.stage = stage
  }

  over = (room = new TestRoom()): Partial<StreamSetup> => ({
    room,
    log: this.log,
    note: (event) => this.events.push(event)
  })

  /** Opens, connects and reads; a bench closes whatever the test left open. */
  read = async (room = new TestRoom()): Promise<Reading> => {
    const reading = await Reading.start(this.stage.open(this.over(room)), room)
    this.#readings.push(reading)
    return reading
  }

  async tearDown(): Promise<void> {
    for (const reading of this.#readings) await reading.close()
    await this.stage.tearDown()
    this.expectNoSecret(this.log.lines)
  }

  expectNoSecret = (value: unknown): void => expectNone(this.harness.secrets ?? [], value)
}

export type Check = (title: string, body: (bench: StreamBench) => Promise<void>) => void

/** Numbered messages over a few keys. */
export function numbered(count: number, keys: readonly string[] = ['a']): readonly Published[] {
  return Array.from({ length: count }, (_, i) => ({
    key: new TextEncoder().encode(keys[i % keys.length]),
    headers: [['number', new TextEncoder().encode(String(i))]],
    bytes: new TextEncoder().encode(JSON.stringify({ number: i }))
  }))
}

/** The number in a message of `numbered`. */
export function numberOf(delivery: Delivery): number {
  const body: unknown = JSON.parse(new TextDecoder().decode(delivery.message.bytes ?? undefined))
  if (typeof body === 'object' && body !== null && 'number' in body) return Number(body.number)
  throw new Error(`not a numbered message: ${delivery.message.id}`)
}

export function idsOf(deliveries: readonly Delivery[]): string[] {
  return deliveries.map((delivery) => delivery.message.id).sort()
}

/** Deliveries by partition; without one, each is alone. */
export function lanesOf(deliveries: readonly Delivery[]): readonly (readonly Delivery[])[] {
  return [...Map.groupBy(deliveries, (delivery) => delivery.partition ?? delivery).values()]
}
