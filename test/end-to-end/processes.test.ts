import { expect, test } from 'vitest'
import { describeKafka, newTopic, produce, readTopic, withAdmin } from '../setup/services.ts'
import { hasCommitted, holds, newName, plaintext } from './kafka.ts'
import { type AccountFile, type Program, until, Workplace } from './program.ts'

const MEMBERS = 3
const PARTITIONS = 6
const ID = 'hopskotch-alert-stream'

async function setUp(more: object = {}) {
  const [topic, output] = [await newTopic('shared', PARTITIONS), await newTopic('united', PARTITIONS)]
  const group = newName('group')
  const options = { ...plaintext(), GROUP_ID: group, START_POSITION: 'EARLIEST', SESSION_TIMEOUT: 6, ...more }
  const place = new Workplace({
    ALERT_STREAMS: [
      { NAME: 'HopskotchAlertStream', OPTIONS: { ...options, TOPIC_HANDLERS: { [topic]: { SINKS: 'out' } } } }
    ],
    SINKS: { out: { NAME: 'KafkaSink', OPTIONS: { ...plaintext(), TOPIC: output } } },
    RUNNER: { DRAIN_SECONDS: 20 }
  })
  return { topic, output, group, place }
}

function start(place: Workplace): Program {
  return place.start({ args: ['run', '--processes', String(MEMBERS), '--account', 'account.json'] })
}

async function publish(topic: string, from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index)
  await produce(
    topic,
    numbers.map((n) => ({ value: String(n), key: String(n % 60), partition: n % PARTITIONS }))
  )
}

/** Whether the group has so many members, and each has its partitions. */
function hasFormed(group: string, members: number): () => Promise<boolean> {
  return () =>
    withAdmin(async (admin) => {
      const [found] = (await admin.describeGroups([group])).groups
      return found?.state === 'Stable' && found.members.length === members
    })
}

const numbersIn = async (topic: string) => (await readTopic(topic)).map(({ value }) => Number(value))
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)
const inOrder = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)

describeKafka('three members of one group', () => {
  test('divide the partitions, and an orderly stop repeats nothing', { timeout: 90_000 }, async () => {
    const { topic, output, group, place } = await setUp()
    await using at = place
    const program = start(at)
    await until(hasFormed(group, MEMBERS), 'three members', 60, () => program.output)
    await publish(topic, 0, 3000)
    await until(holds(output, 3000), 'all alerts', 30, () => program.output)
    program.signal('SIGTERM')
    expect(await program.end(), program.output).toBe(0)

    expect(inOrder(await numbersIn(output))).toEqual(upTo(3000))
    expect(await hasCommitted(group, topic, 3000)()).toBe(true)
    expect(at.account()).toMatchObject({ members: MEMBERS, missing: [], balanced: true })
    expect(at.account().streams[ID]!.topics[topic]).toMatchObject({ received: 3000, delivered: 3000, inFlight: 0 })
    const shares = upTo(MEMBERS).map((n) => JSON.parse(at.read(`account.json.${n}`)) as AccountFile)
    expect(shares.map(({ streams }) => streams[ID]!.topics[topic]?.received)).toEqual([1000, 1000, 1000])

    // And the next life has nothing to repeat.
    const next = start(at)
    await until(hasFormed(group, MEMBERS), 'three members again', 60, () => next.output)
    await publish(topic, 3000, 3100)
    await until(holds(output, 3100), 'the new alerts', 30, () => next.output)
    next.signal('SIGTERM')
    expect(await next.end(), next.output).toBe(0)
    expect(inOrder(await numbersIn(output))).toEqual(upTo(3100))
  })

  test('take over the work of one that is killed, until it is back', { timeout: 90_000 }, async () => {
    const { topic, output, group, place } = await setUp()
    await using at = place
    const program = start(at)
    await until(hasFormed(group, MEMBERS), 'three members', 60, () => program.output)
    await publish(topic, 0, 2000)
    const { pid } = await program.line(/^member 1 starts/)
    process.kill(pid!, 'SIGKILL')
    await publish(topic, 2000, 3000)
    await program.line(/^member 1 has ended \(SIGKILL\); the others take over/, { level: 50 })
    const found = async () => new Set(await numbersIn(output)).size === 3000
    await until(found, 'all alerts', 60, () => program.output)
    await until(hasFormed(group, MEMBERS), 'three members again', 60, () => program.output)
    await publish(topic, 3000, 3600)
    await until(hasCommitted(group, topic, 3600), 'everything to be committed', 30, () => program.output)
    program.signal('SIGTERM')
    expect(await program.end(), program.output).toBe(0)

    const numbers = await numbersIn(output)
    expect([...new Set(inOrder(numbers))]).toEqual(upTo(3600))
    expect(at.account()).toMatchObject({ missing: ['member 1, life 1: SIGKILL'], balanced: true })
    const second = JSON.parse(at.read('account.json.1')) as AccountFile
    expect(second.streams[ID]!.topics[topic]?.received).toBeGreaterThanOrEqual(200)
  })
})
