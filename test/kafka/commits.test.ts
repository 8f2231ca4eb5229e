import { setTimeout as pause } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { Commits, type TopicOffset } from '../../src/kafka/commits.ts'
import { Tracker } from '../../src/kafka/offsets.ts'
import { RecordingLog } from '../contract/log.ts'

/** Commits for one tracker, whose broker answers as the test says. */
function bench() {
  const tracker = new Tracker('alerts', 0)
  tracker.startAt(0)
  tracker.committed = 0
  tracker.verified = true
  const asked: { offsets: readonly TopicOffset[]; confirm(): void; fail(): void; ignore(): void }[] = []
  const commits = new Commits(
    (offsets) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const confirm = () => {
        commits.onCommitted(offsets.map((one) => ({ topic: one.topic, partitions: [one] })))
        resolve()
      }
      asked.push({ offsets, confirm, fail: () => reject(new Error('rebalancing')), ignore: resolve })
      return promise
    },
    () => [tracker],
    () => {},
    new RecordingLog()
  )
  const settle = (count: number) => {
    for (let n = 0; n < count; n++) tracker.done(tracker.take(tracker.next))
    commits.soon()
  }
  return { tracker, commits, asked, settle, offsets: () => asked.map(({ offsets }) => Number(offsets[0]!.offset)) }
}

test('one commit is in flight, and the next has the newest prefix', async () => {
  const { tracker, asked, settle, offsets } = bench()
  for (let n = 0; n < 5; n++) {
    settle(1)
    await pause(1)
  }
  expect(offsets()).toEqual([1])
  asked[0]!.confirm()
  await vi.waitFor(() => expect(offsets()).toEqual([1, 5]))
  asked[1]!.confirm()
  await pause(10)
  expect(tracker.committed).toBe(5)
  expect(asked).toHaveLength(2)
})

test.each(['fail', 'ignore'] as const)('what is not confirmed is sent again (%s)', async (how) => {
  const { tracker, asked, settle, offsets } = bench()
  settle(3)
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  asked[0]![how]()
  settle(1)
  await vi.waitFor(() => expect(offsets()).toEqual([3, 4]))
  expect(tracker.committed).toBe(0)
  asked[1]!.confirm()
  expect(tracker.committed).toBe(4)
})

test('a partition that is lost, or perhaps not ours, is not committed', async () => {
  for (const state of [{ lost: true }, { verified: false }]) {
    const { tracker, asked, settle } = bench()
    Object.assign(tracker, state)
    settle(3)
    await pause(10)
    expect(asked).toEqual([])
  }
})

test('a start is not taken for confirmed because another commit was', async () => {
  const { commits, asked, settle } = bench()
  const start = commits.commit([{ topic: 'alerts', partition: 7, offset: '100' }])
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  settle(2)
  await pause(5)
  expect(asked).toHaveLength(1)
  asked[0]!.fail()
  expect(await start).toBe(false)
  await vi.waitFor(() => expect(asked).toHaveLength(2))
  const other = commits.commit([{ topic: 'alerts', partition: 8, offset: '5' }])
  asked[1]!.confirm()
  await vi.waitFor(() => expect(asked).toHaveLength(3))
  asked[2]!.confirm()
  expect(await other).toBe(true)
})

test('flushing waits for the last commit, within its time', async () => {
  const { commits, asked, settle } = bench()
  settle(2)
  const late = commits.flush(30)
  expect(await late).toBe(false)
  const flushed = commits.flush(5000)
  asked[0]!.confirm()
  expect(await flushed).toBe(true)
})
