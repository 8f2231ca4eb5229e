import { afterEach, expect, test, vi } from 'vitest'
import { loadPart } from '../../src/kafka/wire/replacement.ts'
import { committed, describeKafka, newTopic, produce } from '../setup/services.ts'
import { live, newGroup, numbered, numbersOf, upTo } from './life.ts'

interface Broker {
  heartbeat(member: { groupId: string; memberId: string }): Promise<unknown>
  joinGroup(member: object): Promise<unknown>
  leaveGroup(member: { groupId: string; memberId: string }): Promise<unknown>
}

afterEach(() => vi.restoreAllMocks())

describeKafka('a member that the group has put out', () => {
  test('is one again, although its connection breaks as it joins', { timeout: 60_000 }, async () => {
    const [topic, groupId] = [await newTopic('put-out'), newGroup()]
    const { prototype } = loadPart('broker/index.js') as { prototype: Broker }
    const { KafkaJSConnectionClosedError: Closed } = loadPart('errors.js') as {
      KafkaJSConnectionClosedError: new (text: string, where: object) => Error
    }
    const beats = vi.spyOn(prototype, 'heartbeat')
    const { reading } = await live([topic], { groupId, sessionTimeout: 6 })
    await produce(topic, numbered(0, 10))
    reading.ack(await reading.take(10))
    await vi.waitFor(async () => expect(await committed(groupId, topic)).toEqual([10n]), 20_000)
    await vi.waitFor(() => expect(beats.mock.calls.at(-1)?.[0].memberId).toBeTruthy(), 20_000)

    const joins = vi.spyOn(prototype, 'joinGroup')
    const where = { host: '127.0.0.1', port: 9092 }
    joins.mockImplementationOnce(() => Promise.reject(new Closed('Closed connection', where)))
    const { memberId } = beats.mock.calls.at(-1)![0]
    const coordinator = beats.mock.contexts.at(-1) as Broker
    await coordinator.leaveGroup({ groupId, memberId })

    await produce(topic, numbered(10, 20))
    const seen = new Set<number>()
    while (seen.size < 10) {
      const more = await reading.take(1)
      for (const number of numbersOf(more)) seen.add(number)
      reading.ack(more)
    }
    expect([...seen].sort((a, b) => a - b)).toEqual(upTo(10).map((n) => n + 10))
    await vi.waitFor(async () => expect(await committed(groupId, topic)).toEqual([20n]), 30_000)
    expect(joins.mock.calls.length).toBeGreaterThan(1)
  })
})
