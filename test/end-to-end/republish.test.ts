import { expect, test } from 'vitest'
import { type Bucket, buckets } from '../../src/pipeline/account.ts'
import { PubsubServer } from '../google/server.ts'
import {
  createTopic,
  describeKafkaSasl,
  describePubsub,
  newTopic,
  produce,
  pubsub,
  readTopic,
  withAdmin
} from '../setup/services.ts'
import { ends, hasCommitted, holds, newName, plaintext, scram, sum } from './kafka.ts'
import { FILTER, hasRealPackets, type Packet, passes, realPackets, syntheticPackets } from './packets.ts'
import { type AccountFile, until, Workplace } from './program.ts'

/** Of each source. */
const COUNT = 120

const handler = `
import { setTimeout as sleep } from 'node:timers/promises'
interface Ztf { candid: bigint }
interface Alert { payload(): Promise<Ztf>, header(name: string): string | undefined }
interface Context { options: { PAUSE: number } }

export async function passOn(alert: Alert, context: Context): Promise<readonly unknown[]> {
  await sleep(context.options.PAUSE)
  const { candid } = await alert.payload()
  return [alert, { sink: 'notes', value: { n: alert.header('n'), candid } }]
}
`

describeKafkaSasl('Hopskotch and Pitt-Google in one configuration', () => {
  describePubsub('to Kafka, over a stop in mid-stream', () => {
    const options = { timeout: 90_000, concurrent: true }
    test('of synthetic packets', options, () => relay(syntheticPackets(COUNT)))
    test(
      "of ZTF's own packets (skipped where ../shared/data/ztf is absent)",
      { ...options, skip: !hasRealPackets },
      async () => relay(await realPackets(COUNT))
    )
  })
})

interface Scene {
  readonly group: string
  readonly kafkaTopic: string
  readonly pubsubTopic: string
  readonly project: string
  readonly notes: string
  /** Of the byte budget. */
  readonly bytes: number
}

/** `pause`: of the handler, milliseconds. */
function configuration({ group, kafkaTopic, pubsubTopic, project, notes, bytes }: Scene, pause: number): object {
  const route = { FILTER, HANDLER: './handler.ts#passOn', SINKS: 'out', CONCURRENCY: 2, OPTIONS: { PAUSE: pause } }
  const { PASSWORD: _, ...source } = scram('alice')
  return {
    ALERT_STREAMS: [
      {
        NAME: 'HopskotchAlertStream',
        OPTIONS: {
          ...source,
          PASSWORD_FILE: 'password',
          GROUP_ID: group,
          START_POSITION: 'EARLIEST',
          TOPIC_HANDLERS: { [kafkaTopic]: route }
        }
      },
      {
        NAME: 'PittGoogleAlertStream',
        OPTIONS: { PROJECT: project, TOPIC_PROJECT: project, TOPIC_HANDLERS: { [pubsubTopic]: route } }
      }
    ],
    SINKS: {
      out: { NAME: 'KafkaSink', OPTIONS: { ...scram('bob'), TOPIC: 'filtered.{topic}' } },
      notes: { NAME: 'KafkaSink', OPTIONS: { ...plaintext(), TOPIC: notes } }
    },
    RUNNER: { BUFFER_BYTES: bytes }
  }
}

/** The same packets through both streams: what should pass is in the output, byte for byte. */
async function relay(packets: readonly Packet[]): Promise<void> {
  const server = new PubsubServer(pubsub()!.host)
  const pubsubTopic = newName('pubsub')
  const project = await server.newTopic(pubsubTopic)
  await server.newSubscription(project, pubsubTopic)
  const kafkaTopic = await newTopic('hopskotch', 2)
  for (const topic of [kafkaTopic, pubsubTopic]) await createTopic(`filtered.${topic}`, 2)
  const [notes, group] = [await newTopic('notes'), newName('group')]
  // Few at once: the stop comes while most of it is still with the sources.
  const bytes = 15 * Math.max(...packets.map(({ bytes }) => bytes.length))
  const scene: Scene = { group, kafkaTopic, pubsubTopic, project, notes, bytes }
  await using place = new Workplace(configuration(scene, 100), { 'handler.ts': handler, password: 'alice-secret\n' })
  await produce(
    kafkaTopic,
    packets.map(({ bytes }, n) => ({ value: bytes, key: `k${n}`, headers: [format, numbered(n)], partition: n % 2 }))
  )
  const published = packets.map(({ bytes }, n) => ({ key: null, headers: [numbered(n)], bytes }))
  for (let n = 0; n < COUNT; n += 40) await server.publish(project, pubsubTopic, published.slice(n, n + 40))

  const env = { PUBSUB_EMULATOR_HOST: pubsub()!.host }
  const first = place.start({ env })
  await until(holds(`filtered.${kafkaTopic}`, 5), 'the first alerts from Kafka', 30, () => first.output)
  await until(holds(`filtered.${pubsubTopic}`, 5), 'the first alerts from Pub/Sub', 30, () => first.output)
  first.signal('SIGTERM')
  expect(await first.end(), first.output).toBe(0)
  const firstAccount = place.account()

  const expected = new Map([...packets.entries()].filter(([, packet]) => passes(packet)))
  place.configure(configuration(scene, 1))
  const second = place.start({ env })
  await second.line(/^alertstreams starts/)
  await until(hasCommitted(group, kafkaTopic, COUNT), 'the rest from Kafka', 40, () => second.output)
  await until(holds(`filtered.${pubsubTopic}`, expected.size), 'the rest from Pub/Sub', 40, () => second.output)
  const all = async () => numbersIn(await readTopic(`filtered.${pubsubTopic}`)).size === expected.size
  await until(all, 'the rest from Pub/Sub', 40, () => second.output)
  second.signal('SIGTERM')
  expect(await second.end(), second.output).toBe(0)
  const accounts = [firstAccount, place.account()] as const

  for (const topic of [kafkaTopic, pubsubTopic]) {
    const output = await readTopic(`filtered.${topic}`)
    expect(numbersIn(output)).toEqual(new Set(expected.keys()))
    for (const { value, headers } of output) expect(value!.equals(expected.get(numberIn(headers))!.bytes)).toBe(true)
  }
  for (const { value } of await readTopic(notes)) {
    const { n } = JSON.parse(value!.toString())
    expect(value!.toString()).toBe(`{"n":"${n}","candid":${packets[n]!.candid}}`)
  }
  for (const account of accounts) checkAccount(account)
  const google = firstAccount.streams['pitt-google-alert-stream']!.topics[pubsubTopic]!
  expect(google.received, 'nothing was left for the second life').toBeLessThan(COUNT)
  const [one, two] = accounts.map((account) => account.streams['hopskotch-alert-stream']!.topics[kafkaTopic]!)
  expect(one!.received, 'nothing was left for the second life').toBeLessThan(COUNT)
  expect(one!.received + two!.received).toBe(COUNT)
  expect(one!.delivered + two!.delivered).toBe(expected.size)
  expect(one!.filtered + two!.filtered).toBe(COUNT - expected.size)
  const written = await withAdmin(async (admin) => sum(await ends(admin, notes)))
  expect(written).toBe(sum(accounts.map(({ sinks }) => sinks.notes!.written)))
}

/** Each received alert in one bucket, each taken message written, nothing left. */
function checkAccount({ balanced, streams, sinks }: AccountFile): void {
  expect(balanced).toBe(true)
  for (const { topics, state, firstMessage, lastCommit } of Object.values(streams)) {
    expect(state).toBe('stopped')
    expect(new Date(lastCommit!).getTime()).toBeGreaterThanOrEqual(new Date(firstMessage!).getTime())
    for (const row of Object.values(topics)) {
      expect(row.inFlight).toBe(0)
      expect(row.received).toBe(sum(buckets.map((bucket: Bucket) => row[bucket])))
    }
  }
  for (const { taken, written, rejected } of Object.values(sinks)) expect([taken, rejected]).toEqual([written, 0])
}

/** As hop-client labels a container. */
const format = ['_format', Buffer.from('avro')] as const

type Headers = Awaited<ReturnType<typeof readTopic>>[number]['headers']

function numbered(n: number): readonly [string, Buffer] {
  return ['n', Buffer.from(String(n))]
}

function numberIn(headers: Headers): number {
  return Number(Buffer.from(headers.find(([name]) => name === 'n')![1]!))
}

function numbersIn(messages: Awaited<ReturnType<typeof readTopic>>): Set<number> {
  return new Set(messages.map(({ headers }) => numberIn(headers)))
}
