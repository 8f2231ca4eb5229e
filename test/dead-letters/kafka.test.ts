import { expect, test } from 'vitest'
import type { Headers } from '../../src/contract/alert.ts'
import { hasCommitted, holds, newName, plaintext, scram } from '../end-to-end/kafka.ts'
import { until, Workplace } from '../end-to-end/program.ts'
import { describeKafkaSasl, newTopic, produce, readTopic, type TestMessage, withAdmin } from '../setup/services.ts'

const FAILING = `
export default (alert) => {
  if (alert.header('fate') === 'fails') throw new Error('not today')
  return alert
}
`

interface Names {
  readonly source: string
  readonly out: string
  readonly rejects: string
  readonly group: string
}

function configOf({ source, out, rejects, group }: Names, handler: string): object {
  const route = { HANDLER: handler, SINKS: 'out', DEAD_LETTER: 'rejects', RETRY: { ATTEMPTS: 2, BACKOFF: '10ms' } }
  const OPTIONS = {
    ...scram('alice'),
    GROUP_ID: group,
    START_POSITION: 'EARLIEST',
    TOPIC_HANDLERS: { [source]: route }
  }
  return {
    ALERT_STREAMS: [{ NAME: 'HopskotchAlertStream', ID: 'hop', OPTIONS }],
    SINKS: {
      out: { NAME: 'KafkaSink', OPTIONS: { ...plaintext(), TOPIC: out } },
      rejects: { NAME: 'KafkaSink', OPTIONS: { ...scram('alice'), TOPIC: rejects } }
    }
  }
}

const files = { 'fails.ts': FAILING, 'mended.ts': 'export default (alert) => alert' }

function message(key: string | null, fate: 'fails' | 'passes', partition: number, bytes = 100): TestMessage {
  const headers: Headers = [
    ['fate', Buffer.from(fate)],
    ['empty', null],
    ['fate', Buffer.from([0, 255])],
    ['alertstreams-stack', Buffer.from('of an earlier life')]
  ]
  return { key, value: Buffer.alloc(bytes, `${key} `), headers, partition }
}

/** One life of `run` that takes and commits so many messages. */
async function runOnce(place: Workplace, { group, source }: Names, count: number): Promise<void> {
  const program = place.start()
  await until(hasCommitted(group, source, count), 'the commits', 40, () => program.output)
  program.signal('SIGTERM')
  expect(await program.end(), program.output).toBe(0)
}

async function dlq(place: Workplace, ...args: readonly string[]): Promise<{ code: number | null; text: string }> {
  const program = place.start({ args: ['dlq', ...args] })
  const code = await program.end(60)
  return { code, text: program.output }
}

const lettersOf = async (place: Workplace) =>
  (await dlq(place, 'ls', '--json')).text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))

describeKafkaSasl('dead letters in a Kafka topic', () => {
  test('keep the original whole, are listed, retried, and dropped', { timeout: 180_000 }, async () => {
    const [source, rejects] = [await newTopic('source', 2), await newTopic('rejects', 2)]
    const names = { source, rejects, out: await newTopic('out', 2), group: newName('alice-g') }
    const failing = [message('a', 'fails', 1), message(null, 'fails', 0), { ...message('t', 'fails', 0), value: null }]
    await produce(source, [message('b', 'passes', 0), ...failing, message('a', 'fails', 1)])
    await using place = new Workplace(configOf(names, './fails.ts'), files)
    await runOnce(place, names, 5)

    const records = await readTopic(rejects)
    expect(records).toHaveLength(4)
    const originals = (await readTopic(source)).filter(({ key }) => key?.toString() !== 'b')
    for (const original of originals) {
      const place = new Map([
        ['alertstreams-partition', `${original.partition}`],
        ['alertstreams-offset', `${original.offset}`]
      ])
      const record = records.find(({ headers }) =>
        [...place].every(([name, value]) => headers.some((one) => one[0] === name && `${one[1]}` === value))
      )!
      expect([record.key, record.value]).toEqual([original.key, original.value])
      expect(record.headers.slice(0, 4)).toEqual(original.headers)
      expect(record.headers.slice(4).map(([name, value]) => [name, String(value)])).toEqual([
        ['alertstreams-code', 'HANDLER_FAILED'],
        ['alertstreams-stream', 'hop'],
        ['alertstreams-topic', source],
        ['alertstreams-partition', `${original.partition}`],
        ['alertstreams-offset', `${original.offset}`],
        ['alertstreams-id', `${source}/${original.partition}/${original.offset}`],
        ['alertstreams-route', source],
        ['alertstreams-attempts', '2'],
        ['alertstreams-timestamp', new Date(original.timestamp).toISOString()],
        ['alertstreams-reason', expect.stringContaining('not today')],
        ['alertstreams-stack', expect.stringMatching(/^Error: not today\n/)]
      ])
    }

    const listed = await lettersOf(place)
    expect(listed.map(({ number }) => number).toSorted()).toEqual(
      records.map(({ partition, offset }) => `${partition}:${offset}`).toSorted()
    )
    expect(listed[0]).toMatchObject({
      sink: 'rejects',
      stream: 'hop',
      topic: source,
      code: 'HANDLER_FAILED',
      attempts: 2
    })

    place.configure(configOf({ ...names, out: 'not-there-yet' }, './mended.ts'))
    const away = await dlq(place, 'retry', '--timeout', '4s')
    expect(away.code).toBe(1)
    expect(away.text).toMatch(/sink out is unavailable.*the topic not-there-yet does not exist/)
    expect(away.text).toMatch(/^4 dead letters: 4 left$/m)
    expect(await lettersOf(place)).toHaveLength(4)

    place.configure(configOf(names, './mended.ts'))
    const one = listed.find(({ id }) => id === `${source}/1/0`).number
    expect(await dlq(place, 'retry', one)).toMatchObject({
      code: 0,
      text: `${one}  done\n1 dead letter: 1 delivered, 0 left\n`
    })
    expect(await lettersOf(place)).toHaveLength(3)
    const tombstone = listed.find(({ id }) => id === `${source}/0/2`).number
    expect(await dlq(place, 'drop', tombstone)).toMatchObject({ code: 0, text: `${tombstone}  dropped\n` })
    expect((await dlq(place, 'retry')).text).toMatch(/^2 dead letters: 2 delivered, 0 left$/m)
    expect((await dlq(place, 'ls')).text).toBe('no dead letters\n')

    const written = await readTopic(names.out)
    const found = (key: string | null) => written.filter((one) => (one.key?.toString() ?? null) === key)
    expect([found('b').length, found('a').length, found(null).length, written.length]).toEqual([1, 2, 1, 4])
    for (const { key, value, headers } of written.filter(({ key }) => String(key) !== 'b')) {
      const original = originals.find((one) => String(one.key) === String(key))!
      expect([value, headers]).toEqual([original.value, original.headers])
    }
    expect(await readTopic(rejects), 'the records themselves').toHaveLength(4)
    const groups = await withAdmin((admin) => admin.listGroups())
    expect(groups.groups.filter(({ groupId }) => groupId.startsWith('alice-dlq'))).toEqual([])
  })

  test('fit into the topic: what is added gives way, and what has no room at all goes into STATE_DIR', {
    timeout: 120_000
  }, async () => {
    const source = await newTopic('source')
    const rejects = await newTopic('rejects', 1, { 'max.message.bytes': '20000' })
    const names = { source, rejects, out: await newTopic('out'), group: newName('alice-g') }
    const sizes = [100, 19_300, 19_550, 19_990, 30_000]
    await produce(
      source,
      sizes.map((size) => message(`${size}`, 'fails', 0, size))
    )
    await using place = new Workplace(configOf(names, './fails.ts'), files)
    await runOnce(place, names, sizes.length)

    const records = await readTopic(rejects)
    expect(records.map(({ value }) => value!.length)).toEqual([100, 19_300, 19_550])
    const added = records.map(({ headers }) => headers.slice(4).map(([name]) => name.replace('alertstreams-', '')))
    expect(added[0]).toContain('stack')
    expect(added[1]).toEqual(added[0]!.filter((name) => name !== 'stack'))
    expect(added[2]!.slice(0, 3)).toEqual(['code', 'stream', 'topic'])
    expect(added[2]!.length).toBeLessThan(added[1]!.length)

    const listed = await lettersOf(place)
    expect(listed.map(({ sink, number }) => `${sink} ${number}`)).toEqual([
      'rejects 0:0',
      'rejects 0:1',
      'rejects 0:2',
      'STATE_DIR 1',
      'STATE_DIR 2'
    ])
    place.configure(configOf(names, './mended.ts'))
    expect((await dlq(place, 'retry')).text).toMatch(/^5 dead letters: 5 delivered, 0 left$/m)
    await until(holds(names.out, 5), 'the output')
    const written = await readTopic(names.out)
    expect(written.map(({ value }) => value!.length).toSorted((a, b) => a - b)).toEqual(sizes)
    for (const { headers } of written) expect(headers).toEqual((await readTopic(source, { count: 1 }))[0]!.headers)
  })
})
