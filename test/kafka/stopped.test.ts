import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { describeKafka, kafka, kafkaClient, newTopic } from '../setup/services.ts'
import { live, newGroup, numbered, numberOf } from './life.ts'

describeKafka('a process that stands still for longer than its session', () => {
  test('writes nothing any more of what another member has taken over', { timeout: 60_000 }, async () => {
    const topic = await newTopic('stopped', 2)
    const groupId = newGroup()
    const script = join(import.meta.dirname, 'stopped-member.ts')
    const flags = ['--disable-warning=TimeoutNegativeWarning']
    const child = spawn(process.execPath, [...flags, script, kafka()!.plaintext, topic, groupId], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const written: { by: 'child' | 'other'; number: number }[] = []
    let text = ''
    child.stdout.on('data', (data) => {
      const lines = (text + data).split('\n')
      text = lines.pop()!
      for (const line of lines) written.push({ by: 'child', number: Number(line) })
    })
    const producer = kafkaClient().producer({ idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    let count = 0
    let feeding = true
    const feed = (async () => {
      for (; feeding; await pause(20)) {
        await producer.send({ topic, messages: numbered(count, count + 10, 2) })
        count += 10
      }
      await producer.disconnect()
    })()
    const by = (who: string) => written.filter((one) => one.by === who).length
    await vi.waitFor(() => expect(by('child')).toBeGreaterThan(100), 20_000)

    const other = await live([topic], { groupId, sessionTimeout: 3 })
    let at = 0
    const timer = setInterval(() => {
      for (; at < other.reading.deliveries.length; at++) {
        const delivery = other.reading.deliveries[at]!
        if (delivery.stale) continue
        written.push({ by: 'other', number: numberOf(delivery) })
        other.reading.ack([delivery])
      }
    }, 5)
    onTestFinished(() => clearInterval(timer))
    await vi.waitFor(() => expect(by('other')).toBeGreaterThan(100), 20_000)
    await pause(1000)

    child.kill('SIGSTOP')
    const before = by('other')
    await vi.waitFor(() => expect(by('other')).toBeGreaterThan(before + 500), 20_000)
    await pause(1500)
    const stopped = written.length
    child.kill('SIGCONT')
    await pause(3000)
    feeding = false
    await feed
    child.kill('SIGTERM')
    await once(child, 'exit')
    const numbers = () => new Set(written.map(({ number }) => number))
    await vi.waitFor(() => expect(numbers().size).toBe(count), 30_000)

    // What the child had in hand when it was stopped is written by the other long since.
    const done = new Set(written.slice(0, stopped).map(({ number }) => number))
    const late = written.slice(stopped).filter((one) => one.by === 'child' && done.has(one.number))
    expect(late).toEqual([])
    expect(written.length - count).toBeLessThan(0.02 * count)
  })
})
