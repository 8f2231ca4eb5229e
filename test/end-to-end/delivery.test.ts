import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin } from 'kafkajs'
import { expect, test } from 'vitest'
import { committed, createTopic, describeKafka, newTopic, produce, readTopic, withAdmin } from '../setup/services.ts'
import { ends, hasCommitted, holds, newName, plaintext, sum } from './kafka.ts'
import { hasRealPackets, realPackets, syntheticPackets } from './packets.ts'
import { until, Workplace } from './program.ts'

const slowSink = `${join(import.meta.dirname, 'slow-sink.ts')}#SlowSink`

/** What the message at an offset is written to: by the offset, so that neighbours finish at different times. */
const spread = `
interface Alert { partition: number, offset: string, key: Uint8Array, bytes: Uint8Array }
interface Context { options: { OUTPUT: string } }

export function spread({ partition, offset, key, bytes }: Alert, { options }: Context) {
  return { topic: options.OUTPUT + '-' + partition + '-' + Number(offset) % 3, key, value: bytes }
}
`
const PARTITIONS = [0, 1]
const OUTPUTS = [0, 1, 2]

interface Scene {
  readonly topic: string
  readonly group: string
  readonly output: string
  /** `delay`: of the sink, milliseconds. */
  configuration(delay: number): object
}

async function setUp(): Promise<Scene> {
  const topic = await newTopic('slow', PARTITIONS.length)
  const group = newName('group')
  const output = newName('spread')
  for (const target of targets(output)) await createTopic(target)
  const route = { HANDLER: './spread.ts', SINKS: 'out', OPTIONS: { OUTPUT: output } }
  const options = { ...plaintext(), GROUP_ID: group, START_POSITION: 'EARLIEST', TOPIC_HANDLERS: { [topic]: route } }
  const configuration = (delay: number) => ({
    ALERT_STREAMS: [{ NAME: 'HopskotchAlertStream', OPTIONS: options }],
    SINKS: { out: { NAME: slowSink, OPTIONS: { ...plaintext(), TOPIC: `${output}-0-0`, DELAY: delay } } }
  })
  return { topic, group, output, configuration }
}

function targets(output: string): string[] {
  return PARTITIONS.flatMap((partition) => OUTPUTS.map((n) => `${output}-${partition}-${n}`))
}

/** So many messages to each partition; each has its place as its value. */
async function publish(topic: string, from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index)
  const messages = PARTITIONS.flatMap((partition) =>
    numbers.map((n) => ({ value: `${partition}/${n}`, key: `${n}`, partition }))
  )
  await produce(topic, messages)
}

/** Everything in the outputs, and how often. */
async function written(output: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const target of targets(output)) {
    for (const { value } of await readTopic(target)) counts.set(`${value}`, (counts.get(`${value}`) ?? 0) + 1)
  }
  return counts
}

/** From outside, every 50 ms, until all is committed: what the group has committed must be in the outputs. */
async function watch(admin: Admin, { topic, group, output }: Scene, count: number) {
  const seen = { looks: 0, outOfOrder: 0 }
  for (;;) {
    await sleep(50)
    // First this: what is written in between may only make the output longer. A broker that has just started may still
    // be loading its groups.
    const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] }).catch(() => [])
    if (found === undefined) continue
    let outOfOrder = false
    for (const { partition, offset } of found.partitions) {
      const before = Math.max(0, Number(offset))
      let finished = 0
      for (const n of OUTPUTS) {
        const held = (await ends(admin, `${output}-${partition}-${n}`))[0]!
        // Offsets n, n + 3, n + 6, ... below what is committed; each output keeps their order.
        const safe = Math.ceil((before - n) / OUTPUTS.length)
        expect(held, `${before} is committed in partition ${partition}`).toBeGreaterThanOrEqual(safe)
        finished += held
      }
      outOfOrder ||= finished > before
    }
    seen.looks++
    if (outOfOrder) seen.outOfOrder++
    if (sum(found.partitions.map(({ offset }) => Number(offset))) === PARTITIONS.length * count) return seen
  }
}

describeKafka('a slow sink', () => {
  test('the committed offsets never pass a message that is not written', { timeout: 60_000 }, async () => {
    const scene = await setUp()
    await using place = new Workplace(scene.configuration(400), { 'spread.ts': spread })
    const program = place.start()
    const count = 300
    const watched = withAdmin((admin) => watch(admin, scene, count))
    const published = (async () => {
      for (let from = 0; from < count; from += 20) {
        await publish(scene.topic, from, from + 20)
        await sleep(100)
      }
    })()
    const [{ looks, outOfOrder }] = await Promise.all([watched, published])
    expect(looks).toBeGreaterThan(10)
    expect(outOfOrder, 'looks at which a later message was written and an earlier one was not').toBeGreaterThan(3)
    program.signal('SIGTERM')
    expect(await program.end(), program.output).toBe(0)
    expect([...(await written(scene.output)).values()]).toEqual(Array(PARTITIONS.length * count).fill(1))
  })

  test('SIGTERM with work in flight: it is finished and committed', { timeout: 60_000 }, async () => {
    const { topic, group, output, configuration } = await setUp()
    await publish(topic, 0, 30)
    await using place = new Workplace(configuration(1000), { 'spread.ts': spread })
    const program = place.start()
    await until(holds(`${output}-0-0`, 1), 'the first write', 30, () => program.output)
    expect(await holds(`${output}-0-2`, 1)(), 'the slow ones are in flight').toBe(false)
    program.signal('SIGTERM')
    expect(await program.end(), program.output).toBe(0)
    const { delivered, givenBack } = place.account().streams['hopskotch-alert-stream']!.topics[topic]!
    const offsets = await committed(group, topic)
    expect([givenBack, sum(offsets.map(Number))]).toEqual([0, delivered])
    const expected = PARTITIONS.flatMap((partition) =>
      Array.from({ length: Number(offsets[partition]) }, (_, n) => `${partition}/${n}`)
    )
    expect(new Set((await written(output)).keys())).toEqual(new Set(expected))
  })

  test('a second SIGTERM: exit code 3, and the next life delivers what was given back', {
    timeout: 60_000
  }, async () => {
    const { topic, group, output, configuration } = await setUp()
    const count = 30
    await publish(topic, 0, count)
    await using place = new Workplace(configuration(600_000), { 'spread.ts': spread })
    const first = place.start()
    for (const partition of PARTITIONS)
      await until(holds(`${output}-${partition}-0`, 1), 'the first write', 30, () => first.output)
    first.signal('SIGTERM')
    await first.line(/^SIGTERM: finishing/)
    first.signal('SIGTERM')
    expect(await first.end(15), first.output).toBe(3)
    const { balanced, streams, sinks } = place.account()
    const { received, delivered, givenBack, inFlight } = streams['hopskotch-alert-stream']!.topics[topic]!
    expect([balanced, received, inFlight]).toEqual([true, delivered + givenBack, 0])
    expect(givenBack).toBeGreaterThan(0)
    expect(sinks.out!.written).toBe(delivered)
    // Message 1 goes to the first slow output.
    for (const offset of await committed(group, topic)) expect(offset).toBeLessThanOrEqual(1n)

    place.configure(configuration(0))
    const second = place.start()
    await until(hasCommitted(group, topic, PARTITIONS.length * count), 'the rest', 30, () => second.output)
    second.signal('SIGTERM')
    expect(await second.end(), second.output).toBe(0)
    expect((await written(output)).size).toBe(PARTITIONS.length * count)
  })
})

describeKafka("packets of ZTF's size through topics with the default limits", () => {
  const run = async (packets: readonly { readonly bytes: Buffer }[]) => {
    const [source, output, dead] = [await newTopic('large'), await newTopic('large-out'), await newTopic('large-dead')]
    const group = newName('group')
    await produce(
      source,
      packets.map(({ bytes }, n) => ({ value: bytes, key: `${n}` }))
    )
    const sink = (topic: string) => ({ NAME: 'KafkaSink', OPTIONS: { ...plaintext(), TOPIC: topic } })
    const options = { ...plaintext(), GROUP_ID: group, START_POSITION: 'EARLIEST' }
    await using place = new Workplace({
      ALERT_STREAMS: [
        {
          NAME: 'HopskotchAlertStream',
          OPTIONS: { ...options, TOPIC_HANDLERS: { [source]: { SINKS: 'out', DEAD_LETTER: 'dead' } } }
        }
      ],
      SINKS: { out: sink(output), dead: sink(dead) }
    })
    const program = place.start()
    await until(hasCommitted(group, source, packets.length), 'all of it', 40, () => program.output)
    program.signal('SIGTERM')
    expect(await program.end(), program.output).toBe(0)
    const arrived = await readTopic(output)
    expect(arrived.map(({ key }) => Number(key))).toEqual([...packets.keys()])
    for (const [n, { value }] of arrived.entries()) expect(value!.equals(packets[n]!.bytes)).toBe(true)
    expect(await readTopic(dead)).toEqual([])
  }

  test('200 synthetic ones of 69 kB arrive', { timeout: 60_000 }, async () => {
    const fill = (bytes: Buffer) => ({
      bytes: Buffer.concat([bytes, Buffer.alloc(Math.max(0, 69_000 - bytes.length), 7)])
    })
    await run(syntheticPackets(200).map(({ bytes }) => fill(bytes)))
  })
  test.skipIf(!hasRealPackets)(
    '200 real ones arrive (skipped where ../shared/data/ztf is absent)',
    { timeout: 60_000 },
    async () => {
      await run(await realPackets(200))
    }
  )
})
