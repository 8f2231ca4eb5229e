import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { findTopics } from '../../src/kafka/topics.ts'
import { HopskotchAlertStream } from '../../src/streams/hopskotch.ts'
import { streamSetup } from '../contract/stream-bench.ts'
import { messageOf } from '../fakes/message.ts'
import { live, newGroup, numbered, numbersOf, upTo } from '../kafka/life.ts'
import { options } from '../kafka/options.ts'
import { committed, describeKafka, newTopic, produce, withAdmin } from '../setup/services.ts'

const HOUR = 3_600_000
const hopskotch = (given: Readonly<Record<string, unknown>>) =>
  new HopskotchAlertStream(options({ URL: 'kafka://127.0.0.1:9', ...given }), streamSetup())

describe('HopskotchAlertStream', () => {
  test('needs a group of its own', () => {
    expect(() => hopskotch({})).toThrow(/neither GROUP_ID nor a user name/)
    expect(() => hopskotch({ GROUP_ID: 'mine' })).not.toThrow()
    expect(() => hopskotch({ USERNAME: 'alice', PASSWORD: 'x' })).not.toThrow()
  })

  test('knows that Hopskotch wants groups to begin with the user name', () => {
    const given = { URL: 'kafka://kafka.scimma.org/', USERNAME: 'alice-1', PASSWORD: 'x' }
    expect(() => hopskotch({ ...given, GROUP_ID: 'mine' })).toThrow(/GROUP_ID mine would be refused/)
    expect(() => hopskotch({ ...given, GROUP_ID: 'alice-1-mine' })).not.toThrow()
  })

  test('ignores what is flagged as a test, whatever the flag says, unless INCLUDE_TEST', () => {
    const flagged = messageOf(0, { headers: [['_test', Buffer.from('false')]] })
    expect(hopskotch({ GROUP_ID: 'mine' }).ignores(flagged)).toBe(true)
    expect(hopskotch({ GROUP_ID: 'mine' }).ignores(messageOf(0))).toBe(false)
    expect(hopskotch({ GROUP_ID: 'mine', INCLUDE_TEST: true }).ignores(flagged)).toBe(false)
  })
})

describeKafka('START_POSITION', () => {
  test('LATEST is committed before anything comes, so that nothing is lost while the process is away', async () => {
    const topic = await newTopic('latest', 3)
    const group = { groupId: newGroup(), start: { at: 'latest' } } as const
    await produce(topic, numbered(0, 6, 3))
    const first = await live([topic], group)
    await vi.waitFor(async () => expect(await committed(group.groupId, topic)).toEqual([2n, 2n, 2n]), 10_000)
    await first.reading.close()
    await produce(topic, numbered(6, 12, 3))
    const second = await live([topic], group)
    expect(numbersOf(await second.reading.take(6))).toEqual([6, 7, 8, 9, 10, 11])
    expect(first.reading.deliveries).toEqual([])
  })

  test('a time begins with the first message of that time or later, in each partition', async () => {
    const topic = await newTopic('times', 2)
    const now = Date.now()
    const hoursAgo = [10, 7, 5, 3, 1]
    await produce(
      topic,
      hoursAgo.flatMap((hours, n) =>
        [0, 1].map((partition) => ({ value: String(n), partition, timestamp: String(now - hours * HOUR) }))
      )
    )
    const back = await live([topic], { groupId: newGroup(), start: { at: 'hours back', hours: 6 } })
    expect(numbersOf(await back.reading.take(6))).toEqual([2, 2, 3, 3, 4, 4])
    const at = await live([topic], { groupId: newGroup(), start: { at: 'time', time: now - 3 * HOUR } })
    expect(numbersOf(await at.reading.take(4))).toEqual([3, 3, 4, 4])
    const later = await live([topic], { groupId: newGroup(), start: { at: 'time', time: now + HOUR } })
    await pause(1500)
    await produce(topic, [{ value: '5', partition: 0 }])
    expect(numbersOf(await later.reading.take(1))).toEqual([5])
    expect(numbersOf(await back.reading.take(1))).toEqual([5])
    expect(numbersOf(await at.reading.take(1))).toEqual([5])
  })

  test('counts only while the group has no offset', async () => {
    const topic = await newTopic('earliest')
    const groupId = newGroup()
    await produce(topic, numbered(0, 3))
    const first = await live([topic], { groupId })
    first.reading.ack(await first.reading.take(3))
    await first.reading.close()
    await produce(topic, numbered(3, 5))
    const second = await live([topic], { groupId })
    expect(numbersOf(await second.reading.take(2))).toEqual([3, 4])
  })
})

describeKafka('topics', () => {
  test('a missing one is named, waited for, and read from its beginning, while the others are read', async () => {
    const there = await newTopic('there')
    const missing = `missing-${randomBytes(4).toString('hex')}`
    const life = await live([there, missing], { groupId: newGroup(), start: { at: 'latest' } })
    expect(life.log.lines.find(({ level }) => level === 'warn')).toMatchObject({
      fields: { code: 'SOURCE_MISSING' },
      text: expect.stringContaining(missing)
    })
    await vi.waitFor(() => expect(life.events).toContainEqual({ kind: 'reading' }), 10_000)
    await vi.waitFor(() => expect(life.events).toContainEqual(expect.objectContaining({ kind: 'committed' })), 10_000)
    await produce(there, numbered(0, 2))
    life.reading.ack(await life.reading.take(2))
    await withAdmin((admin) => admin.createTopics({ topics: [{ topic: missing, numPartitions: 2 }] }))
    await produce(missing, numbered(10, 14, 2))
    expect(numbersOf(await life.reading.take(4))).toEqual([10, 11, 12, 13])
    await produce(there, numbered(2, 4))
    expect(numbersOf(await life.reading.take(2))).toEqual([2, 3])
    expect(await life.reading.rest(500)).toEqual([])
  })

  test('a partition that is added while it is read is read from its beginning', async () => {
    const topic = await newTopic('growing')
    const other = `missing-${randomBytes(4).toString('hex')}`
    await produce(topic, numbered(0, 3))
    const life = await live([topic, other], { groupId: newGroup(), start: { at: 'latest' } })
    await vi.waitFor(() => expect(life.events).toContainEqual(expect.objectContaining({ kind: 'committed' })), 10_000)
    await withAdmin((admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }))
    await produce(topic, numbered(3, 9, 3))
    // kafkajs looks for new partitions every few minutes; joining again makes it look now.
    await withAdmin((admin) => admin.createTopics({ topics: [{ topic: other }] }))
    expect(numbersOf(await life.reading.take(6))).toEqual([3, 4, 5, 6, 7, 8])
  })

  test('when all are missing the stream says that it waits', async () => {
    const missing = `missing-${randomBytes(4).toString('hex')}`
    const life = await live([missing], { groupId: newGroup(), start: { at: 'latest' } })
    expect(life.events).toEqual([{ kind: 'waiting', reason: expect.stringContaining(missing) }])
    await withAdmin((admin) => admin.createTopics({ topics: [{ topic: missing }] }))
    await produce(missing, numbered(0, 2))
    expect(numbersOf(await life.reading.take(2))).toEqual([0, 1])
    expect(life.events).toContainEqual({ kind: 'reading' })
  })

  test('a glob takes what matches, now and later, and nothing else', async () => {
    const family = randomBytes(4).toString('hex')
    const create = async (...names: string[]) => {
      await withAdmin((admin) => admin.createTopics({ topics: names.map((topic) => ({ topic })) }))
      for (const name of names) await produce(name, [{ value: '1' }])
    }
    await create(`${family}.a`, `${family}.b`, `${family}x`, `other.${family}.a`)
    const life = await live([`${family}.?`, `other.${family}`], { groupId: newGroup() })
    const first = await life.reading.take(2)
    expect(first.map(({ message }) => message.topic).sort()).toEqual([`${family}.a`, `${family}.b`])
    await create(`${family}.c`, `${family}.dd`)
    const [later] = await life.reading.take(1)
    expect(later!.message.topic).toBe(`${family}.c`)
    expect(await life.reading.rest(1000)).toEqual([])
    life.reading.ack([...first, later!])
  })

  // Not read here: other tests make and delete topics all the time.
  test('* means all but those of the broker itself', async () => {
    const topic = await newTopic('any')
    const listed = await withAdmin((admin) => admin.listTopics())
    const found = findTopics(listed, ['*', topic, 'missing-for-ever'])
    expect(found.topics).toContain(topic)
    expect(new Set(found.topics).size).toBe(found.topics.length)
    expect(found.topics.filter((one) => one.startsWith('__'))).toEqual([])
    expect(found.missing).toEqual(['missing-for-ever'])
  })
})

describeKafka('acknowledging', () => {
  test('out of order commits the prefix alone', async () => {
    const topic = await newTopic('prefix')
    const groupId = newGroup()
    await produce(topic, numbered(0, 10))
    const { reading } = await live([topic], { groupId })
    const all = await reading.take(10)
    const offset = async () => Number((await committed(groupId, topic))[0])
    reading.ack(all.slice(5))
    reading.ack([all[1]!, all[3]!])
    await pause(500)
    expect(await offset()).toBe(0)
    reading.ack([all[0]!])
    await vi.waitFor(async () => expect(await offset()).toBe(2), 5000)
    reading.ack([all[2]!])
    await vi.waitFor(async () => expect(await offset()).toBe(4), 5000)
    reading.ack([all[4]!])
    await vi.waitFor(async () => expect(await offset()).toBe(10), 5000)
  })

  test('10,000 unsettled messages of a partition let it wait, not the others, and not the group', {
    timeout: 60_000
  }, async () => {
    const topic = await newTopic('many', 2)
    await produce(topic, numbered(0, 24_000, 2))
    const { reading, events } = await live([topic], { groupId: newGroup() })
    const stuck: Parameters<typeof reading.ack>[0][number][] = []
    let taken = 0
    while (taken < 22_000) {
      const [next] = await reading.take(1)
      taken++
      if (next!.message.partition === 0) stuck.push(next!)
      else reading.ack([next!])
    }
    expect(stuck).toHaveLength(10_000)
    await produce(
      topic,
      numbered(24_000, 24_100, 2).filter(({ partition }) => partition === 1)
    )
    expect(numbersOf(await reading.take(50))[0]).toBe(24_001)
    expect(await reading.rest(7000)).toEqual([])
    expect(events.filter(({ kind }) => kind === 'reading')).toHaveLength(1)
    reading.ack(stuck)
    expect(numbersOf(await reading.take(2000))).toEqual(upTo(2000).map((n) => 20_000 + 2 * n))
  })
})
