import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Headers, Message } from '../../src/contract/alert.ts'
import { AlertStreamsError } from '../../src/contract/errors.ts'
import type { Outgoing, Placed, Rejection, Sink, SinkSetup, Source } from '../../src/contract/sink.ts'
import { RecordingLog } from './log.ts'
import { PATIENCE } from './reading.ts'
import { expectNone } from './secrets.ts'

/** What a sink claims; the suite runs the tests that go with the claims. */
export interface SinkPromises {
  /** What went to one topic under one key can be read back in the order of writing. */
  readonly ordered: boolean
  /** The target gives keys back, byte for byte. */
  readonly keepsKey: boolean
  /** The target gives headers back: order, repeated names, bytes and null. */
  readonly keepsHeaders: boolean
  /** A null value comes back as null and not as empty. */
  readonly keepsNull: boolean
  /** The stage can break and mend the target. */
  readonly breaks: boolean
  /** The stage knows a message that this target can never take. */
  readonly rejects: boolean
}

/** A message as the target holds it. */
export interface Written {
  readonly key: Uint8Array | null
  readonly headers: Headers
  readonly bytes: Uint8Array | null
}

/** A target of its own for one test. */
export interface SinkStage {
  /** A new sink to that target. Make its setup by `sinkSetup(over)`. */
  open(over: Partial<SinkSetup>): Sink
  /** What the target holds of that topic now, as another program reads it. */
  written(topic: string): Promise<readonly Written[]>
  /** A topic that exists at the target, for messages that name none of their own. */
  readonly topic: string
  /** From here on writes fail, until it is mended. */
  breakTarget?(): Promise<void>
  mendTarget?(): Promise<void>
  impossible?(): Outgoing
  tearDown(): Promise<void>
}

export interface SinkHarness {
  readonly promises: SinkPromises
  /** Called once for each test. */
  setUp(): Promise<SinkStage>
  /** A sink to a target that nobody answers for; `connect` must reject with `SINK_UNAVAILABLE`. */
  unreachable?(over: Partial<SinkSetup>): Sink | Promise<Sink>
  /** Every secret that the harness gives its sinks; none may show in a log line or an error. */
  readonly secrets?: readonly string[]
}

/** A complete setup, for harnesses. */
export function sinkSetup(over: Partial<SinkSetup> = {}): SinkSetup {
  const folder = join(tmpdir(), 'alertstreams-test')
  return {
    name: 'under-test',
    log: new RecordingLog(),
    baseDir: folder,
    stateDir: join(folder, '.alertstreams'),
    member: undefined,
    ...over
  }
}

let sequence = 0

/** What the pipeline hands over beside an Outgoing: a message that was read from somewhere. */
export function sourceOf(over: Partial<Message> = {}, more: Partial<Source> = {}): Source {
  const offset = String(sequence++)
  const bytes = over.bytes === undefined ? new TextEncoder().encode(`{"n":${offset}}`) : over.bytes
  const message: Message = {
    topic: 'origin',
    id: `origin/0/${offset}`,
    partition: 0,
    offset,
    key: null,
    headers: [],
    publishedAt: new Date('2025-03-02T04:15:03.004Z'),
    size: bytes?.length ?? 0,
    ...over,
    bytes
  }
  return { message, stream: 'a-stream', route: '*', payload: () => jsonOf(bytes), ...more }
}

function jsonOf(bytes: Uint8Array | null): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes ?? undefined))
  } catch (error) {
    throw new AlertStreamsError('DECODE_FAILED', 'not JSON', { cause: error })
  }
}

/** One test's target, and sinks to it. */
export class SinkBench {
  readonly harness: SinkHarness
  readonly stage: SinkStage
  readonly log = new RecordingLog()
  readonly #sinks: Sink[] = []

  constructor(harness: SinkHarness, stage: SinkStage) {
    this.harness = harness
    this.stage = stage
  }

  over = (): Partial<SinkSetup> => ({ log: this.log })

  /** Opens and connects; a bench closes whatever the test left open. */
  connect = async (): Promise<Sink> => {
    const sink = this.stage.open(this.over())
    this.#sinks.push(sink)
    await sink.connect(AbortSignal.timeout(PATIENCE))
    return sink
  }

  async tearDown(): Promise<void> {
    for (const sink of this.#sinks) await sink.close()
    await this.stage.tearDown()
    this.expectNoSecret(this.log.lines)
  }

  expectNoSecret = (value: unknown): void => expectNone(this.harness.secrets ?? [], value)
}

export type SinkCheck = (title: string, body: (bench: SinkBench) => Promise<void>) => void

/** Places messages as the outbox does, each from a source of its own. */
export function placed(sink: Sink, outgoings: readonly Outgoing[]): readonly Placed[] {
  return outgoings.map((outgoing) => sink.place(outgoing, sourceOf()))
}

/** Writes as the outbox does: one write at a time for a target, targets beside each other. */
export async function writeAll(
  sink: Sink,
  batch: readonly Placed[],
  signal = AbortSignal.timeout(PATIENCE)
): Promise<readonly Rejection[]> {
  const targets = Map.groupBy(batch.keys(), (index) => batch[index]!.target)
  const answers = await Promise.all(
    [...targets.values()].map(async (indexes) => {
      const rejections = await sink.write(
        indexes.map((index) => batch[index]!),
        signal
      )
      return rejections.map((rejection) => ({ ...rejection, index: indexes[rejection.index]! }))
    })
  )
  return answers.flat()
}
