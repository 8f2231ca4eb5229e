import type { AclEntry, AclResourceTypes } from 'kafkajs'
import { afterEach, expect, test, vi } from 'vitest'
import { AlertStreamsError } from '../../src/contract/errors.ts'
import type { StreamEvent } from '../../src/contract/stream.ts'
import { kafkajs, patchKafkajs } from '../../src/kafka/wire/index.ts'
import { loadPart } from '../../src/kafka/wire/replacement.ts'
import { HopskotchAlertStream } from '../../src/streams/hopskotch.ts'
import { RecordingLog } from '../contract/log.ts'
import { TestRoom } from '../contract/room.ts'
import { newName } from '../end-to-end/kafka.ts'
import {
  describeKafka,
  describeKafkaSasl,
  kafka,
  kafkaClient,
  newTopic,
  produce,
  withAdmin
} from '../setup/services.ts'
import { options } from './options.ts'

const { AclResourceTypes: Resource } = kafkajs

afterEach(() => {
  vi.restoreAllMocks()
  patchKafkajs({ batchLimit: 256 * 2 ** 20 })
})

/** A stream that is being read; everything is acknowledged. */
class Reader {
  readonly values: string[] = []
  readonly events: StreamEvent[] = []
  /** What `read` threw. */
  failure: unknown
  readonly #stop = new AbortController()
  readonly #ended: Promise<void>

  constructor(topic: string, given: Readonly<Record<string, unknown>>) {
    const read = options({ GROUP_ID: newName('group'), SESSION_TIMEOUT: 6, ...given })
    const stream = new HopskotchAlertStream(read, {
      id: 'test',
      topics: [topic],
      room: new TestRoom(),
      log: new RecordingLog(),
      baseDir: '.',
      stateDir: '.',
      note: (event) => void this.events.push(event)
    })
    this.#ended = this.#read(stream)
  }

  async #read(stream: HopskotchAlertStream): Promise<void> {
    try {
      await stream.connect(this.#stop.signal)
      for await (const batch of stream.read(this.#stop.signal)) {
        for (const delivery of batch) {
          this.values.push(Buffer.from(delivery.message.bytes!).toString())
          delivery.ack()
        }
      }
    } catch (error) {
      this.failure = error
    } finally {
      await stream.close()
    }
  }

  async fails(): Promise<AlertStreamsError> {
    await vi.waitFor(() => expect(this.failure).toBeInstanceOf(AlertStreamsError), 20_000)
    return this.failure as AlertStreamsError
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#ended
  }
}

describeKafka('a consumer that ends', () => {
  test('over a batch that cannot be unpacked says so', { timeout: 40_000 }, async () => {
    const topic = await newTopic('bomb')
    await using reader = new Reader(topic, {})
    await produce(topic, [{ value: 'first' }])
    await vi.waitFor(() => expect(reader.values).toEqual(['first']), 20_000)
    patchKafkajs({ batchLimit: 1000 })
    const producer = kafkaClient().producer()
    await producer.connect()
    await producer.send({ topic, compression: kafkajs.CompressionTypes.GZIP, messages: [{ value: 'x'.repeat(5000) }] })
    await producer.disconnect()
    expect(await reader.fails()).toMatchObject({ code: 'DECODE_FAILED', message: expect.stringContaining('gzip') })
  })

  test('with its topic says so', { timeout: 40_000 }, async () => {
    const topic = await newTopic('deleted')
    await using reader = new Reader(topic, {})
    await produce(topic, [{ value: 'first' }])
    await vi.waitFor(() => expect(reader.values).toEqual(['first']), 20_000)
    await withAdmin((admin) => admin.deleteTopics({ topics: [topic] }))
    expect((await reader.fails()).code).toBe('SOURCE_MISSING')
  })

  test('not over a connection that is cut while it looks for the coordinator', { timeout: 40_000 }, async () => {
    const topic = await newTopic('cut')
    const { prototype } = loadPart('broker/index.js') as { prototype: { findGroupCoordinator(): Promise<unknown> } }
    const { KafkaJSConnectionClosedError: Closed } = loadPart('errors.js') as {
      KafkaJSConnectionClosedError: new (text: string, where: object) => Error
    }
    const cut = () => Promise.reject(new Closed('Closed connection', { host: '127.0.0.1', port: 9092 }))
    const find = vi.spyOn(prototype, 'findGroupCoordinator')
    for (let n = 0; n < 3; n++) find.mockImplementationOnce(cut)
    await using reader = new Reader(topic, {})
    await produce(topic, [{ value: 'first' }])
    await vi.waitFor(() => expect(reader.values).toEqual(['first']), 20_000)
    expect(find.mock.calls.length).toBeGreaterThan(3)
    expect(reader.failure).toBe(undefined)
    expect(reader.events.filter(({ kind }) => kind === 'waiting').length).toBeGreaterThan(0)
  })
})

describeKafkaSasl('a consumer that is refused', () => {
  const alice = () => ({
    URL: kafka()!.saslPlaintext,
    USERNAME: 'alice',
    PASSWORD: 'alice-secret',
    MECHANISM: 'PLAIN',
    TLS: false
  })

  test('while it reads says so', { timeout: 40_000 }, async () => {
    const topic = await newTopic('revoked')
    await using reader = new Reader(topic, alice())
    await produce(topic, [{ value: 'first' }])
    await vi.waitFor(() => expect(reader.values).toEqual(['first']), 20_000)
    await withAdmin((admin) => admin.createAcls({ acl: [onlyFor('bob', Resource.TOPIC, topic)] }))
    expect(await reader.fails()).toMatchObject({
      code: 'CREDENTIALS_REFUSED',
      remedy: expect.stringMatching(/permission/)
    })
  })

  test('as a member of its group says so', { timeout: 40_000 }, async () => {
    const [topic, group] = [await newTopic('open'), newName('reserved')]
    await withAdmin((admin) => admin.createAcls({ acl: [onlyFor('bob', Resource.GROUP, group)] }))
    await using reader = new Reader(topic, { ...alice(), GROUP_ID: group })
    expect(await reader.fails()).toMatchObject({
      code: 'CREDENTIALS_REFUSED',
      remedy: expect.stringMatching(/GROUP_ID/)
    })
  })
})

function onlyFor(user: string, resourceType: AclResourceTypes, resourceName: string): AclEntry {
  return {
    resourceType,
    resourceName,
    resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
    principal: `User:${user}`,
    host: '*',
    operation: kafkajs.AclOperationTypes.ALL,
    permissionType: kafkajs.AclPermissionTypes.ALLOW
  }
}
