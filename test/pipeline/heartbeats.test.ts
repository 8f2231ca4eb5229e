import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { RunningApp } from '../fakes/running-app.ts'
import { MemorySource } from '../fakes/stream.ts'

const missed = (app: RunningApp) => app.log.texts('error').filter((text) => text.startsWith('HEARTBEAT missed'))
const back = (app: RunningApp) => app.log.texts('info').filter((text) => text.includes('is back'))

test('a heartbeat that stays away is said once, and again when it is back', async () => {
  const source = new MemorySource()
  await using app = new RunningApp(source, { heartbeats: [{ topic: 'sys.heartbeat', every: 0.3 }] })
  for (let n = 0; n < 6; n++) {
    source.bring('sys.heartbeat', 1)
    await sleep(100)
  }
  expect(missed(app)).toEqual([])
  // Other topics do not stand for it.
  for (let n = 0; n < 9; n++) {
    source.bring('alerts', 1)
    await sleep(100)
  }
  expect(missed(app)).toEqual([expect.stringMatching(/sys\.heartbeat has stayed away for \d+ s/)])
  expect(app.account.heartbeatsMissed).toBe(1)
  source.bring('sys.heartbeat', 1)
  await vi.waitFor(() => expect(back(app)).toEqual([expect.stringMatching(/^sys\.heartbeat is back after \d+ s/)]))
  await vi.waitFor(() => expect(app.account.heartbeatsMissed).toBe(2))
  expect(missed(app)).toHaveLength(2)
})

test('without a topic any message will do', async () => {
  const source = new MemorySource()
  await using app = new RunningApp(source, { heartbeats: [{ topic: undefined, every: 0.3 }] })
  for (let n = 0; n < 8; n++) {
    source.bring(`topic-${n}`, 1)
    await sleep(100)
  }
  expect(missed(app)).toEqual([])
  await vi.waitFor(() => expect(missed(app)).toHaveLength(1), 2000)
})

test('time in which what was taken is not finished does not count', async () => {
  const source = new MemorySource()
  const gate = Promise.withResolvers<void>()
  const heartbeats = [{ topic: 'sys.heartbeat', every: 0.2 }]
  await using app = new RunningApp(source, { heartbeats, call: () => gate.promise })
  source.bring('sys.heartbeat', 1)
  await sleep(1000)
  expect(missed(app)).toEqual([])
  gate.resolve()
  await vi.waitFor(() => expect(missed(app)).toHaveLength(1), 2000)
})
