import { setTimeout as pause } from 'node:timers/promises'
import { codecOf } from '../../src/codecs/usual.ts'
import { type Connection, connectionFields } from '../../src/kafka/client.ts'
import { KafkaSourceStream } from '../../src/kafka/stream.ts'
import type { Room } from '../../src/contract/stream.ts'

/**
 * A member of a group in a process of its own: `node stopped-member.ts <broker> <topic> <group>`. It holds each message
 * for a while before it writes it, as a slow sink would, and then does as the outbox does: it asks whether it may.
 */
const [broker, topic, groupId] = process.argv.slice(2) as [string, string, string]
const HOLD_MS = 500

const url = connectionFields.URL.read(broker)
if ('problem' in url) throw new Error(url.problem)
const usual = Object.fromEntries(Object.entries(connectionFields).map(([name, { fallback }]) => [name, fallback]))
const connection = { ...usual, URL: url.value } as Connection
const room: Room = { most: 1e9, admit: () => true, wait: () => new Promise(() => {}) }
const quiet = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }
const stream = new KafkaSourceStream(
  { connection, groupId, start: { at: 'earliest' }, sessionTimeout: 3, codec: codecOf('hop') },
  { id: 'stopped', topics: [topic], room, log: quiet, baseDir: '.', stateDir: '.', note: () => {} }
)
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())

await stream.connect(AbortSignal.timeout(20_000))
const writes: Promise<void>[] = []
for await (const batch of stream.read(stop.signal)) {
  for (const delivery of batch) writes.push(write(delivery))
}
await Promise.all(writes)
await stream.close()
process.exit(0)

async function write(delivery: { message: { bytes: Uint8Array | null }; stale: boolean; ack(): void }): Promise<void> {
  await pause(HOLD_MS)
  await stream.held()
  if (delivery.stale) return
  console.log(Buffer.from(delivery.message.bytes!).toString())
  delivery.ack()
}
