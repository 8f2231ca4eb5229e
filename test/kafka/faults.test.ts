import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Delivery } from '../../src/contract/stream.ts'
import { TestRoom } from '../contract/room.ts'
import { startKafka } from '../services/kafka.ts'
import { committed, describeKafka, kafkaClient, newTopic, produce, withAdmin } from '../setup/services.ts'
import { type Life, live, newGroup, numbered, numberOf, numbersOf, upTo } from './life.ts'

/** Acknowledges what comes, a few milliseconds later and in any order, and remembers it. */
function work(life: Life, seen: number[]): () => Promise<void> {
  let stopped = false
  const settle = (delivery: Delivery) => {
    if (delivery.stale) return
    seen.push(numberOf(delivery))
    life.reading.ack([delivery])
  }
  const done = (async () => {
    for (let at = 0; !stopped; await pause(2)) {
      for (; at < life.reading.deliveries.length; at++) {
        const delivery = life.reading.deliveries[at]!
        setTimeout(settle, 20 * Math.random(), delivery)
      }
    }
  })()
  return async () => {
    stopped = true
    await done
    await life.reading.stop()
    await pause(40)
    await life.reading.close()
  }
}

const deleteRecords = (topic: string, offset: number) =>
  withAdmin(async (admin) => {
    // kafkajs looks for the partition's leader in what it knows already.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] })
  })

describeKafka('retention', () => {
  test('that passed the group while it was away is a gap with a count, and reading goes on', async () => {
    const topic = await newTopic('retention')
    const groupId = newGroup()
    await produce(topic, numbered(0, 20))
    const first = await live([topic], { groupId })
    first.reading.ack((await first.reading.take(20)).slice(0, 5))
    await first.reading.close()
    await deleteRecords(topic, 12)
    const second = await live([topic], { groupId })
    expect(numbersOf(await second.reading.take(8))).toEqual(upTo(8).map((n) => n + 12))
    expect(second.events).toContainEqual({ kind: 'gap', topic, partition: 0, missed: 7 })
    expect(second.events.filter(({ kind }) => kind === 'gap')).toHaveLength(1)
  })

  test.each(['earliest', 'latest'] as const)(
    'that passes a slow reader is a gap, whatever START_POSITION says (%s)',
    async (at) => {
      const topic = await newTopic('retention')
      const groupId = newGroup()
      const life = await live([topic], { groupId, start: { at } }, new TestRoom(3000))
      await vi.waitFor(async () => expect(await committed(groupId, topic)).toEqual([0n]), 10_000)
      // In batches of their own: a fetch brings whole ones.
      for (let from = 0; from < 300; from += 10) {
        await produce(
          topic,
          numbered(from, from + 10).map(({ value }) => ({ value: value.padEnd(1000) }))
        )
      }
      const taken: number[] = []
      taken.push(...numbersOf(await life.reading.take(2)))
      await deleteRecords(topic, 250)
      life.reading.ack(life.reading.deliveries.slice(0, 2))
      while (taken.at(-1) !== 299) {
        const [next] = await life.reading.take(1)
        taken.push(numberOf(next!))
        life.reading.ack([next!])
      }
      const missing = upTo(300).filter((n) => !taken.includes(n))
      expect(taken).toEqual(taken.toSorted((a, b) => a - b))
      expect(missing.length).toBeGreaterThan(100)
      expect(missing.at(-1)).toBe(249)
      expect(life.events.filter(({ kind }) => kind === 'gap')).toEqual([
        { kind: 'gap', topic, partition: 0, missed: missing.length }
      ])
      await vi.waitFor(async () => expect(await committed(groupId, topic)).toEqual([300n]), 10_000)
      await life.reading.close()
      const next = await live([topic], { groupId, start: { at } })
      expect(await next.reading.rest(1500)).toEqual([])
    }
  )
})

describeKafka('a topic that is deleted and made again', () => {
  test('while nobody reads is read from its beginning', async () => {
    const topic = await newTopic('again')
    const groupId = newGroup()
    await produce(topic, numbered(0, 10))
    const first = await live([topic], { groupId })
    first.reading.ack(await first.reading.take(10))
    await first.reading.close()
    await makeAgain(topic)
    await produce(topic, numbered(10, 14))
    const second = await live([topic], { groupId })
    expect(numbersOf(await second.reading.take(4))).toEqual([10, 11, 12, 13])
  })

  test('while it is read is read from its beginning, by this stream or by the next', { timeout: 60_000 }, async () => {
    const [topic, other] = [await newTopic('again'), await newTopic('other')]
    const groupId = newGroup()
    await produce(topic, numbered(0, 10))
    const lives = [await live([topic, other], { groupId })]
    lives[0]!.reading.ack(await lives[0]!.reading.take(10))
    await makeAgain(topic)
    await produce(topic, numbered(10, 14))
    await produce(other, numbered(20, 23))
    const found = async () => {
      const last = lives.at(-1)!
      if (last.reading.isOver) {
        await last.reading.close().catch(() => {})
        lives.push(await live([topic, other], { groupId }))
      }
      const numbers = lives.flatMap(({ reading }) => reading.deliveries.map(numberOf))
      expect(new Set(numbers)).toEqual(new Set([...upTo(14), 20, 21, 22]))
    }
    await vi.waitFor(found, { timeout: 40_000, interval: 200 })
  })

  async function makeAgain(topic: string): Promise<void> {
    await withAdmin(async (admin) => {
      await admin.deleteTopics({ topics: [topic] })
      await vi.waitFor(() => admin.createTopics({ topics: [{ topic }], waitForLeaders: true }), {
        timeout: 10_000,
        interval: 100
      })
    })
  }
})

describeKafka('a group', () => {
  test('whose members come and go loses nothing and repeats little', { timeout: 90_000 }, async () => {
    const topic = await newTopic('members', 4)
    const groupId = newGroup()
    const seen: number[] = []
    let count = 0
    let feeding = true
    const feed = (async () => {
      const producer = kafkaClient().producer({ idempotent: true, maxInFlightRequests: 1 })
      await producer.connect()
      for (; feeding; await pause(20)) {
        await producer.send({ topic, messages: numbered(count, count + 40, 4) })
        count += 40
      }
      await producer.disconnect()
    })()
    const stopFirst = work(await live([topic], { groupId }), seen)
    await pause(1500)
    for (let round = 0; round < 3; round++) {
      const stopSecond = work(await live([topic], { groupId }), seen)
      await pause(1500)
      await stopSecond()
      await pause(500)
    }
    feeding = false
    await feed
    await vi.waitFor(() => expect(new Set(seen).size).toBe(count), { timeout: 30_000, interval: 100 })
    await stopFirst()
    expect(count).toBeGreaterThan(1000)
    expect(seen.length - count).toBeLessThan(0.01 * count)
    expect((await committed(groupId, topic)).reduce((sum, one) => sum + one, 0n)).toBe(BigInt(count))
  })

  test('whose member has nothing new to read finishes what it has in hand before it shares', {
    timeout: 60_000
  }, async () => {
    const topic = await newTopic('idle', 4)
    const groupId = newGroup()
    await produce(topic, numbered(0, 100, 4))
    const first = await live([topic], { groupId })
    const inHand = await first.reading.take(100)
    const joining = live([topic], { groupId })
    await pause(2500)
    first.reading.ack(inHand)
    const second = await joining
    await vi.waitFor(() => expect(second.events).toContainEqual({ kind: 'reading' }), 20_000)
    await produce(topic, numbered(100, 200, 4))
    await vi.waitFor(
      () => expect(first.reading.deliveries.length + second.reading.deliveries.length).toBeGreaterThanOrEqual(200),
      20_000
    )
    const numbers = [...first.reading.deliveries, ...second.reading.deliveries].map(numberOf).sort((a, b) => a - b)
    expect(numbers).toEqual(upTo(200))
  })
})

describeKafka('a stream that is closed while it joins', () => {
  test.each([0, 10, 20, 40, 80])('leaves no member behind (%i ms)', async (delay) => {
    const [topic, missing] = [await newTopic('closed'), `closed-later-${newGroup()}`]
    const groupId = newGroup()
    for (const joinsAgain of [false, true]) {
      const life = await live([topic, missing], { groupId })
      if (joinsAgain) {
        await vi.waitFor(() => expect(life.events).toContainEqual({ kind: 'reading' }), 10_000)
        await withAdmin((admin) => admin.createTopics({ topics: [{ topic: missing }] }))
        await vi.waitFor(() => expect(life.log.texts('info').join()).toContain('new topics'), 10_000)
      }
      await pause(delay)
      await life.reading.close()
      await pause(500)
      const { groups } = await withAdmin((admin) => admin.describeGroups([groupId]))
      expect(groups[0]!.members).toEqual([])
    }
  })
})

describeKafka('a broker that dies and comes back', () => {
  test('costs nothing but time', { timeout: 120_000 }, async () => {
    const broker = await startKafka({ name: 'stream' })
    onTestFinished(() => broker.remove())
    const url = broker.brokers.plaintext
    const client = kafkaClient({ brokers: [url], retry: { retries: 30, maxRetryTime: 500 } })
    const admin = client.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: 'alerts', numPartitions: 2 }] })
    await admin.disconnect()
    const seen: number[] = []
    const life = await live(['alerts'], { groupId: 'mine', url })
    const stop = work(life, seen)
    const producer = client.producer({ idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    let count = 0
    const feed = async (batches: number) => {
      for (let n = 0; n < batches; n++, await pause(20)) {
        await producer.send({ topic: 'alerts', messages: numbered(count, count + 20, 2) })
        count += 20
      }
    }
    await feed(30)
    for (const away of [0, 9000]) {
      await broker.kill()
      await pause(away)
      await broker.restart()
      await feed(30)
      await vi.waitFor(() => expect(new Set(seen).size).toBe(count), { timeout: 40_000, interval: 200 })
    }
    expect(life.reading.isOver).toBe(false)
    await producer.disconnect()
    await stop()
    expect(seen.length - count).toBeLessThan(0.05 * count)
  })
})
