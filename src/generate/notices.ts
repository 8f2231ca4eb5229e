import type { Headers } from '../contract/alert.ts'
import { Random, rounded } from './random.ts'
import { makeSource } from './sources.ts'

/** A message as Hopskotch carries it. */
export interface Notice {
  readonly topic: string
  readonly offset: string
  readonly publishedAt: Date
  readonly headers: Headers
  readonly bytes: Uint8Array
}

const TOPICS = { heartbeat: 'sys.heartbeat', message: 'hermes.test' } as const
const START = Date.UTC(2025, 2, 2, 4)
/** Milliseconds between two messages. */
const STEP = 1000
/** One message in so many is a heartbeat. */
const BEAT = 5

/** Synthetic messages of two Hopskotch topics, heartbeats between photometry; the same for the same seed. */
export function* notices(seed: number): Generator<Notice> {
  const random = new Random(seed)
  const next = { 'sys.heartbeat': 1000, 'hermes.test': 0 }
  for (let number = 0; ; number++) {
    const publishedAt = new Date(START + number * STEP)
    const topic = number % BEAT === 0 ? TOPICS.heartbeat : TOPICS.message
    const offset = next[topic]++
    const content = topic === TOPICS.heartbeat ? heartbeat(publishedAt, offset) : message(random, publishedAt)
    const bytes = Buffer.from(JSON.stringify(content))
    yield { topic, offset: String(offset), publishedAt, headers: headers(random), bytes }
  }
}

function heartbeat(time: Date, count: number) {
  // Microseconds since 1970, UTC.
  return { timestamp: time.getTime() * 1000, count }
}

/** One point of photometry, as Hermes publishes it: AB magnitudes, degrees (ICRS), UTC. */
function message(random: Random, time: Date) {
  const { objectId: name, ra, dec, magnitude } = makeSource(random)
  const brightness = magnitude(0)
  const bandpass = random.pick(['g', 'r'])
  const observed = { target_name: name, date_obs: time.toISOString(), telescope: 'Synthetic 1.2m', bandpass }
  const measured =
    brightness === undefined
      ? { limiting_brightness: 20.5, limiting_brightness_unit: 'AB mag' }
      : { brightness: rounded(brightness, 3), brightness_error: 0.05, brightness_unit: 'AB mag' }
  return {
    topic: TOPICS.message,
    title: `Photometry of ${name}`,
    submitter: 'alertstreams',
    authors: '',
    message_text: '',
    data: { targets: [{ name, ra, dec }], photometry: [{ ...observed, ...measured }] }
  }
}

/** `_id` is a version 4 UUID, as bytes. */
function headers(random: Random): Headers {
  const id = random.bytes(16)
  id[6] = (id[6]! & 0x0f) | 0x40
  id[8] = (id[8]! & 0x3f) | 0x80
  return [
    ['_id', id],
    ['_sender', Buffer.from('demo')],
    ['_format', Buffer.from('json')]
  ]
}
