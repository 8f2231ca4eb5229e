import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Metrics } from '../../src/observe/metrics.ts'
import { Account, buckets, topicAccount } from '../../src/pipeline/account.ts'
import { systemClock } from '../../src/pipeline/clock.ts'
import { Journal } from '../../src/pipeline/journal.ts'
import { MemoryApp, routeOf } from '../fakes/app.ts'
import { SimulatedClock } from '../fakes/clock.ts'
import { messageOf } from '../fakes/message.ts'
import { MemorySink, unavailable } from '../fakes/sink.ts'
import { soon } from '../fakes/soon.ts'
import { type Family, readExposition } from './exposition.ts'

type Families = ReadonlyMap<string, Family>

/** The value of the one sample with these labels. */
function sampleOf(families: Families, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const base = name.replace(/_(bucket|sum|count)$/, '')
  const family = families.get(name) ?? families.get(base)
  if (family === undefined) throw new Error(`there is no ${name}`)
  const matching = family.samples.filter(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value)
  )
  expect(matching.length, `${name} ${JSON.stringify(labels)}`).toBeLessThanOrEqual(1)
  return matching[0]?.value
}

/** Every alert that a scrape has received is in a bucket or in flight, in that scrape. */
function expectBalance(families: Families): number {
  let received = 0
  for (const { labels, value } of families.get('alertstreams_received_total')!.samples) {
    const ended = buckets.map((bucket) => sampleOf(families, 'alertstreams_settled_total', { ...labels, bucket })!)
    const inFlight = sampleOf(families, 'alertstreams_in_flight_alerts', labels)!
    expect(ended.reduce((sum, one) => sum + one, inFlight)).toBe(value)
    received += value
  }
  return received
}

/** The same counts as in the account. */
function expectAgreement(families: Families, account: Account): void {
  for (const [stream, { topics, missed, lastCommit, state }] of Object.entries(account.streams)) {
    for (const [topic, row] of Object.entries(topics)) {
      expect(sampleOf(families, 'alertstreams_received_total', { stream, topic })).toBe(row.received)
      expect(sampleOf(families, 'alertstreams_in_flight_alerts', { stream, topic })).toBe(row.inFlight)
      for (const bucket of buckets)
        expect(sampleOf(families, 'alertstreams_settled_total', { stream, topic, bucket })).toBe(row[bucket])
    }
    for (const [topic, count] of Object.entries(missed))
      expect(sampleOf(families, 'alertstreams_missed_total', { stream, topic })).toBe(count)
    expect(sampleOf(families, 'alertstreams_stream_state', { stream, state })).toBe(1)
    const committed = sampleOf(families, 'alertstreams_stream_last_commit_timestamp_seconds', { stream })
    expect(committed).toBe(lastCommit && lastCommit.getTime() / 1000)
  }
  for (const [sink, row] of Object.entries(account.sinks)) {
    const value = (name: string) => sampleOf(families, `alertstreams_sink_${name}`, { sink })
    expect(value('written_total')! + value('rejected_total')! + value('in_flight_messages')!).toBe(row.taken)
    expect([value('written_bytes_total'), value('retries_total')]).toEqual([row.bytes, row.retries])
  }
}

describe('/metrics', () => {
  test('agrees with the account, under load and at the end', async () => {
    const app = new MemoryApp()
    app.bufferBytes = 5000
    app.sinks.out!.behave = () => pause(1)
    const source = app.stream('one', [
      routeOf(
        async (alert) => {
          const number = Number(alert.offset)
          if (number % 7 === 0) throw new Error('not today')
          await pause(number % 3)
          return number % 2 === 0 ? undefined : alert
        },
        { key: '*', deadLetter: 'dead', concurrency: 8, orderBy: 'none' }
      )
    ])
    const ended = app.run()
    const metrics = new Metrics(app.app)
    const scrape = async () => readExposition(await metrics.text())
    for (const topic of ['a', 'b "quoted" \\ and\nbroken', 'c']) source.bring(topic, 500)
    let inFlight = 0
    let last = 0
    while (last < 1500) {
      const families = await scrape()
      const received = expectBalance(families)
      expect(received).toBeGreaterThanOrEqual(last)
      last = received
      if (families.get('alertstreams_in_flight_alerts')!.samples.some(({ value }) => value > 0)) inFlight++
      await pause(5)
    }
    expect(inFlight).toBeGreaterThan(5)
    source.end()
    await ended
    const families = await scrape()
    expectAgreement(families, app.account)
    expect(expectBalance(families)).toBe(1500)
    expect(sampleOf(families, 'alertstreams_dead_letters_total', { stream: 'one', code: 'HANDLER_FAILED' })).toBe(
      Object.values(app.account.stream('one').topics).reduce((sum, row) => sum + row.deadLettered, 0)
    )
    expect(sampleOf(families, 'alertstreams_ready')).toBe(1)
    expect(families.get('process_resident_memory_bytes')?.type).toBe('gauge')
  })

  test('shows sinks that are down, what streams hold and have before them, and how late alerts are', async () => {
    const app = new MemoryApp()
    app.sinks.down = new MemorySink(() => {
      throw unavailable()
    })
    const source = app.stream('one', [routeOf(undefined, { sinks: ['down'] })])
    const resting = app.stream('two', [routeOf()], { schedule: { next: () => undefined } })
    source.tellsBacklog = true
    app.bufferBytes = 3000
    const clock = new SimulatedClock('2026-03-02T05:00:00Z')
    app.clock = clock
    const late = (seconds: number) => new Date(clock.now() - seconds * 1000)
    source.publish(...[0.5, 30, 30, 4000].map((seconds, n) => messageOf(n, { publishedAt: late(seconds) })))
    source.publish(messageOf(4, { size: 4000 }))
    const ended = app.run()
    const metrics = new Metrics(app.app)
    await soon(() => expect(app.account.sink('down').retries).toBeGreaterThan(0))
    const families = readExposition(await metrics.text())
    const value = (name: string, labels = {}) => sampleOf(families, `alertstreams_${name}`, labels)
    expect([value('sink_up', { sink: 'down' }), value('sink_up', { sink: 'out' })]).toEqual([0, 1])
    expect(value('ready')).toBe(0)
    expect(value('sink_in_flight_messages', { sink: 'down' })).toBe(4)
    expect(value('stream_lag_messages', { stream: 'one' })).toBe(1)
    expect(value('stream_lag_messages', { stream: 'two' })).toBeUndefined()
    expect(value('stream_buffer_used_bytes', { stream: 'one' })).toBeGreaterThan(400)
    expect(value('buffer_limit_bytes')).toBe(3000)
    expect(value('stream_state', { stream: 'two', state: 'ended' })).toBe(1)
    const upTo = (le: string) => value('received_latency_seconds_bucket', { stream: 'one', le })
    expect([upTo('0.25'), upTo('1'), upTo('25'), upTo('50'), upTo('2500'), upTo('5000'), upTo('+Inf')]).toEqual([
      0, 1, 1, 3, 3, 4, 4
    ])
    expect(value('received_latency_seconds_sum', { stream: 'one' })).toBe(4060.5)
    expect(value('delivered_latency_seconds_count', { stream: 'one' })).toBe(0)
    expect(resting.opened).toBe(0)
    app.stop.abort()
    app.abandon.abort()
    await ended
  })

  test('of 1,000 topics takes a moment', async () => {
    const account = new Account()
    const streams = ['one', 'two'].map((id) => {
      const stream = account.stream(id)
      for (let n = 0; n < 500; n++) Object.assign(topicAccount(stream, `topic_${n}`), { received: n, delivered: n })
      const journal = new Journal(systemClock)
      for (let n = 0; n < 1000; n++) journal.received.add(n)
      return { id, account: stream, journal, share: { used: 0 }, backlog: async () => 5 }
    })
    const readiness = { ready: true, reasons: [] }
    const metrics = new Metrics({ account, readiness, streams, sinkFaults: {}, bufferBytes: 1 })
    const times: number[] = []
    let text = ''
    for (let scrape = 0; scrape < 10; scrape++) {
      const before = performance.now()
      text = await metrics.text()
      times.push(performance.now() - before)
    }
    // The best of them: the machine has more to do.
    const best = Math.min(...times)
    console.log(
      `a scrape of 1,000 topics: ${best.toFixed(0)} ms, ${text.length} bytes, ${text.split('\n').length} lines`
    )
    expect(best).toBeLessThan(500)
    expect(text).toContain('alertstreams_settled_total{stream="two",topic="topic_499",bucket="delivered"} 499')
  })
})
