import { randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import type { Delivery, StreamEvent, StreamSetup } from '../../src/contract/stream.ts'
import { KafkaSourceStream, type KafkaSource } from '../../src/kafka/stream.ts'
import { RecordingLog } from '../contract/log.ts'
import { Reading } from '../contract/reading.ts'
import { TestRoom } from '../contract/room.ts'
import { streamSetup } from '../contract/stream-bench.ts'
import { options } from './options.ts'

/** One life of a Kafka stream, with what it said; ended with the test. */
export interface Life {
  readonly stream: KafkaSourceStream
  readonly reading: Reading
  readonly room: TestRoom
  readonly log: RecordingLog
  readonly events: StreamEvent[]
}

/** Looks for topics often, and has a session of 6 seconds. */
const QUICK: Pick<KafkaSource, 'codec' | 'sessionTimeout' | 'start' | 'look'> = {
  codec: codecOf('hop'),
  sessionTimeout: 6,
  start: { at: 'earliest' },
  look: { again: 200, forNew: 400 }
}

export const newGroup = () => `group-${randomBytes(4).toString('hex')}`

export async function live(
  topics: readonly string[],
  source: Partial<KafkaSource> & { readonly groupId: string; readonly url?: string },
  room = new TestRoom()
): Promise<Life> {
  const log = new RecordingLog()
  const events: StreamEvent[] = []
  const setup: StreamSetup = streamSetup({ topics, room, log, note: (event) => events.push(event) })
  const connection = options(source.url === undefined ? {} : { URL: source.url })
  const stream = new KafkaSourceStream({ ...QUICK, connection, ...source }, setup)
  const reading = await Reading.start(stream, room)
  onTestFinished(() => reading.close().catch(() => {}))
  return { stream, reading, room, log, events }
}

/** What was published as a number. */
export const numberOf = ({ message }: Delivery) => Number(Buffer.from(message.bytes!).toString().trim())
export const numbersOf = (deliveries: readonly Delivery[]) => deliveries.map(numberOf).sort((a, b) => a - b)
export const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
/** Numbered messages, in turn to so many partitions. */
export const numbered = (from: number, to: number, partitions = 1) =>
  upTo(to - from).map((i) => ({ value: String(from + i), partition: (from + i) % partitions }))
