import { expect, test } from 'vitest'
import type { Headers } from '../../src/contract/alert.ts'
import {
  committed,
  describeKafka,
  describeKafkaSasl,
  newTopic,
  produce,
  type ReadMessage,
  readTopic
} from '../setup/services.ts'
import { hasCommitted, holds, newName, plaintext, scram } from './kafka.ts'
import { until, Workplace } from './program.ts'

function stream(id: string, topic: string, options: object, settings: object = {}): object {
  const route = { FILTER: 'n >= 0', SINKS: 'out' }
  const OPTIONS = { ...options, START_POSITION: 'EARLIEST', TOPIC_HANDLERS: { [topic]: route } }
  return { NAME: 'HopskotchAlertStream', ID: id, OPTIONS, ...settings }
}

function sink(topic: string): object {
  return { NAME: 'KafkaSink', OPTIONS: { ...plaintext(), TOPIC: topic } }
}

/** JSON with a number; where a broken one is wanted, what no codec can read. */
function alerts(count: number, broken?: number) {
  return Array.from({ length: count }, (_, n) => ({
    key: `${n}`,
    value: n === broken ? '{"n": 3' : `{"n": ${n}}`,
    headers: [['_format', Buffer.from('json')]] satisfies Headers
  }))
}

function numbers(messages: readonly ReadMessage[]): number[] {
  return messages.map(({ key }) => Number(key)).toSorted((a, b) => a - b)
}

describeKafkaSasl('two streams', () => {
  test('one fails for good, the other goes on, and the end tells', { timeout: 60_000 }, async () => {
    const [bad, good, out, group] = [await newTopic('bad'), await newTopic('good'), await newTopic('out'), newName('g')]
    await using place = new Workplace({
      ALERT_STREAMS: [
        stream('bad', bad, { ...scram('alice'), PASSWORD: 'not the password' }),
        stream('good', good, { ...scram('bob'), GROUP_ID: group })
      ],
      SINKS: { out: sink(out) }
    })
    const program = place.start()
    await program.line(/^stream failed: /, { stream: 'bad', code: 'CREDENTIALS_REFUSED', level: 50 })
    await produce(good, alerts(20))
    await until(hasCommitted(group, good, 20), 'the good stream', 30, () => program.output)
    program.signal('SIGTERM')
    expect(await program.end(), program.output).toBe(1)
    expect(numbers(await readTopic(out))).toEqual(alerts(20).map((_, n) => n))
    const { balanced, streams } = place.account()
    expect([balanced, streams.bad!.state, streams.good!.state]).toEqual([true, 'failed', 'stopped'])
    expect(streams.bad!.reason).toMatch(/authentication/i)
    expect(streams.good!.topics[good]).toMatchObject({ received: 20, delivered: 20 })
  })
})

describeKafka('an alert that cannot be decoded', () => {
  test('without DEAD_LETTER stops its stream; with one the next life goes on', { timeout: 90_000 }, async () => {
    const [topic, out, dead] = [await newTopic('broken'), await newTopic('broken-out'), await newTopic('broken-dead')]
    const group = newName('group')
    await produce(topic, alerts(30, 12))
    const configuration = (settings: object) => ({
      ALERT_STREAMS: [stream('source', topic, { ...plaintext(), GROUP_ID: group }, settings)],
      SINKS: { out: sink(out), dead: sink(dead) }
    })
    await using place = new Workplace(configuration({}))
    for (const life of [1, 2]) {
      const program = place.start()
      expect(await program.end(), `life ${life}: ${program.output}`).toBe(1)
      await program.line(/^stream failed: .*\/0\/12 failed.*DEAD_LETTER.*ON_FAILURE: skip/, { level: 50 })
      expect(await committed(group, topic), 'what came before it is done, it is not').toEqual([12n])
      expect(place.account()).toMatchObject({ balanced: true, streams: { source: { state: 'failed' } } })
    }
    expect(place.account().streams.source!.topics[topic]).toMatchObject({ delivered: 0, deadLettered: 0 })

    place.configure(configuration({ DEAD_LETTER: 'dead' }))
    const last = place.start()
    await until(hasCommitted(group, topic, 30), 'the rest', 30, () => last.output)
    last.signal('SIGTERM')
    expect(await last.end(), last.output).toBe(0)
    const expected = alerts(30).flatMap((_, n) => (n === 12 ? [] : [n]))
    expect(new Set(numbers(await readTopic(out)))).toEqual(new Set(expected))
    expect(numbers(await readTopic(dead))).toEqual([12])
    expect(place.account().streams.source!.topics[topic]).toMatchObject({
      received: 18,
      delivered: 17,
      deadLettered: 1
    })
  })

  test('is passed over with ON_FAILURE: skip', { timeout: 60_000 }, async () => {
    const [topic, out, group] = [await newTopic('skip'), await newTopic('skip-out'), newName('group')]
    await produce(topic, alerts(20, 4))
    await using place = new Workplace({
      ALERT_STREAMS: [stream('source', topic, { ...plaintext(), GROUP_ID: group }, { ON_FAILURE: 'skip' })],
      SINKS: { out: sink(out) }
    })
    const program = place.start()
    await until(hasCommitted(group, topic, 20), 'all of it', 30, () => program.output)
    await program.line(/skipped/, { code: 'DECODE_FAILED', stream: 'source', level: 50 })
    program.signal('SIGTERM')
    expect(await program.end(), program.output).toBe(0)
    expect(numbers(await readTopic(out))).toEqual(alerts(20).flatMap((_, n) => (n === 4 ? [] : [n])))
    expect(place.account().streams.source!.topics[topic]).toMatchObject({ received: 20, delivered: 19, skipped: 1 })
  })

  test('is kept whole in the dead letters, with the reason beside it', { timeout: 60_000 }, async () => {
    const [topic, dead, group] = [await newTopic('whole'), await newTopic('whole-dead'), newName('group')]
    const original = {
      key: Buffer.from([0, 255, 1]),
      value: Buffer.from([0x4f, 0x62, 0x6a, 1, 0, 254]),
      headers: [
        ['_format', Buffer.from('avro')],
        ['twice', Buffer.from([1, 200])],
        ['none', null],
        ['twice', Buffer.from('2')],
        ['', Buffer.from('')]
      ] satisfies Headers,
      timestamp: '1740888903004'
    }
    await produce(topic, [original])
    await using place = new Workplace({
      ALERT_STREAMS: [stream('source', topic, { ...plaintext(), GROUP_ID: group }, { DEAD_LETTER: 'out' })],
      SINKS: { out: sink(dead) }
    })
    const program = place.start()
    await until(holds(dead, 1), 'the dead letter', 30, () => program.output)
    program.signal('SIGTERM')
    expect(await program.end(), program.output).toBe(0)
    const [letter, ...others] = await readTopic(dead)
    expect(others).toEqual([])
    expect(letter).toMatchObject({ key: original.key, value: original.value })
    const count = original.headers.length
    expect(letter!.headers.slice(0, count)).toEqual(original.headers)
    const reasons = Object.fromEntries(letter!.headers.slice(count).map(([name, value]) => [name, `${value}`]))
    expect(reasons).toMatchObject({
      'alertstreams-code': 'DECODE_FAILED',
      'alertstreams-reason': expect.stringMatching(/avro/i),
      'alertstreams-attempts': '1',
      'alertstreams-stream': 'source',
      'alertstreams-route': topic,
      'alertstreams-topic': topic,
      'alertstreams-partition': '0',
      'alertstreams-offset': '0',
      'alertstreams-timestamp': '2025-03-02T04:15:03.004Z'
    })
    expect(place.account().streams.source!.topics[topic]).toMatchObject({ received: 1, deadLettered: 1 })
  })
})
