import { expect, test, vi } from 'vitest'
import type { StreamSetup } from '../../src/contract/stream.ts'
import { HopskotchAlertStream } from '../../src/streams/hopskotch.ts'
import { TestRoom } from '../contract/room.ts'
import { hasCommitted, newName } from '../end-to-end/kafka.ts'
import { until } from '../end-to-end/program.ts'
import { RunningApp } from '../fakes/running-app.ts'
import { describeKafka, kafkaClient, newTopic, produce } from '../setup/services.ts'
import { options } from './options.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, n) => ({ value: String(n) }))

/** Offers are never taken: kafkajs waits for us, and beats its heart. */
const noRoom = Object.assign(new TestRoom(), { admit: () => false })

describeKafka('a Kafka stream that stands still', () => {
  test('is found and reopened, and loses and repeats nothing', { timeout: 60_000 }, async () => {
    const topic = await newTopic('stalled', 2)
    const group = newName('group')
    const seen: string[] = []
    let opened = 0
    const make = (setup: StreamSetup) => {
      const frozen = ++opened === 1
      const given = { ...setup, topics: [topic], ...(frozen && { room: noRoom }) }
      const stream = new HopskotchAlertStream(options({ GROUP_ID: group, SESSION_TIMEOUT: 6 }), given)
      expect(stream.patience).toBe(60)
      return Object.defineProperty(stream, 'patience', { value: 2 })
    }
    const call = (alert: { id: string }) => void seen.push(alert.id)
    await using app = new RunningApp(undefined, { make, call })
    await produce(topic, numbers(200))
    await vi.waitFor(() => expect(seen).toHaveLength(200), 20_000)
    await until(hasCommitted(group, topic, 200), 'everything to be committed')
    expect(new Set(seen).size).toBe(200)
    expect(opened).toBe(2)
    expect(app.account.stalls).toBe(1)
    expect(app.log.texts('error')).toEqual([expect.stringMatching(/stands still: .* the source has 200 more/)])
  })

  test('does not mean one that has read all, records of transactions included', { timeout: 40_000 }, async () => {
    const topic = await newTopic('transactions')
    const group = newName('group')
    let stream: HopskotchAlertStream | undefined
    const make = (setup: StreamSetup) => {
      stream = new HopskotchAlertStream(options({ GROUP_ID: group, SESSION_TIMEOUT: 6 }), { ...setup, topics: [topic] })
      return stream
    }
    await using app = new RunningApp(undefined, { make })
    const producer = kafkaClient().producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    const write = async (end: 'commit' | 'abort') => {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: numbers(5) })
      await transaction[end]()
    }
    await write('commit')
    await write('abort')
    await producer.disconnect()
    await until(async () => (await stream?.backlog()) === 0, 'the backlog to be gone', 20)
    // Five messages and the mark behind them, twice.
    await until(hasCommitted(group, topic, 12), 'everything to be committed')
    expect(app.account.topics[topic]).toMatchObject({ received: 5, handled: 5 })
    await produce(topic, numbers(3))
    await vi.waitFor(() => expect(app.account.topics[topic]?.received).toBe(8), 10_000)
    expect(app.account).toMatchObject({ missed: {}, stalls: 0 })
  })
})
