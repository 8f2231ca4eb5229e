import { expect, test } from 'vitest'
import { PubsubServer } from '../google/server.ts'
import {
  createTopic,
  describeKafka,
  describeKafkaSasl,
  describePubsub,
  kafka,
  newTopic,
  produce,
  pubsub
} from '../setup/services.ts'
import { Gate } from './gate.ts'
import { hasCommitted, holds, newName, plaintext, scram } from './kafka.ts'
import { type LogLine, type Program, until, Workplace } from './program.ts'

const CANARY = 'canary-Xy7/"+ü'
/** Milliseconds within which the program must have said what is wrong. */
const SOON = 10_000

/** A line that says all of this in time, and says no secret. */
async function expectSoon(
  place: Workplace,
  program: Program,
  fields: Partial<LogLine>,
  ...words: readonly (string | RegExp)[]
): Promise<void> {
  const line = await program.line(/./, fields, SOON / 1000)
  expect(program.age).toBeLessThan(SOON)
  for (const word of words) expect(line.msg).toMatch(word)
  expectNoCanary(place)
}

function expectNoCanary(place: Workplace): void {
  for (const form of [CANARY, JSON.stringify(CANARY).slice(1, -1), encodeURIComponent(CANARY), 'canary'])
    expect(place.everything()).not.toContain(form)
}

/** What comes from a topic goes to another. */
function relay(topic: string, source: object, group: string, sink: object): object {
  return {
    ALERT_STREAMS: [
      {
        NAME: 'HopskotchAlertStream',
        ID: 'source',
        OPTIONS: {
          ...source,
          GROUP_ID: group,
          START_POSITION: 'EARLIEST',
          TOPIC_HANDLERS: { [topic]: { SINKS: 'out' } }
        }
      }
    ],
    SINKS: { out: { NAME: 'KafkaSink', OPTIONS: sink } }
  }
}

async function expectStopped(program: Program): Promise<void> {
  program.signal('SIGTERM')
  expect(await program.end(), program.output).toBe(0)
}

describeKafkaSasl('a wrong password', () => {
  test('of a stream: it fails, and the process with it when it is the only one', { timeout: 40_000 }, async () => {
    const [topic, out] = [await newTopic('refused'), await newTopic('refused-out')]
    const source = { ...scram('alice'), PASSWORD: CANARY }
    await using place = new Workplace(relay(topic, source, newName('group'), { ...plaintext(), TOPIC: out }))
    const program = place.start()
    const fields = { code: 'CREDENTIALS_REFUSED', stream: 'source', level: 50 }
    await expectSoon(place, program, fields, kafka()!.saslSsl!, 'Check USERNAME, PASSWORD and MECHANISM')
    expect(await program.end(), program.output).toBe(1)
    expect(place.account().streams.source).toMatchObject({ state: 'failed', topics: {} })
    expectNoCanary(place)
  })

  test('of a sink: it is said, and tried again', { timeout: 40_000 }, async () => {
    const [topic, out] = [await newTopic('refusing'), await newTopic('refusing-out')]
    const sink = { ...scram('bob'), PASSWORD: CANARY, TOPIC: out }
    await using place = new Workplace(relay(topic, plaintext(), newName('group'), sink))
    const program = place.start()
    const fields = { code: 'SINK_UNAVAILABLE', sink: 'out' }
    await expectSoon(place, program, fields, kafka()!.saslSsl!, 'Check USERNAME, PASSWORD and MECHANISM')
    await expectStopped(program)
    expect(place.account().sinks.out!.retries).toBeGreaterThan(0)
    expectNoCanary(place)
  })
})

describeKafka('what is not there yet', () => {
  test("a stream's broker: said, and read once it is up", { timeout: 60_000 }, async () => {
    await using gate = await Gate.closed()
    const [topic, out, group] = [await newTopic('down'), await newTopic('down-out'), newName('group')]
    await produce(topic, [{ value: 'waiting' }])
    await using place = new Workplace(relay(topic, { URL: gate.host }, group, { ...plaintext(), TOPIC: out }))
    const program = place.start()
    await expectSoon(
      place,
      program,
      { code: 'CONNECT_FAILED', stream: 'source' },
      gate.host,
      'Check URL',
      'Trying again'
    )
    await gate.open(kafka()!.plaintext)
    await until(hasCommitted(group, topic, 1), 'the alert', 40, () => program.output)
    await expectStopped(program)
    expect(await holds(out, 1)()).toBe(true)
  })

  test("a sink's broker: said, and written once it is up", { timeout: 60_000 }, async () => {
    await using gate = await Gate.closed()
    const [topic, out, group] = [await newTopic('up'), await newTopic('up-out'), newName('group')]
    await produce(topic, [{ value: 'waiting' }])
    await using place = new Workplace(relay(topic, plaintext(), group, { URL: gate.host, TOPIC: out }))
    const program = place.start()
    await expectSoon(
      place,
      program,
      { code: 'SINK_UNAVAILABLE', sink: 'out' },
      gate.host,
      'Check URL',
      'nothing is lost'
    )
    await gate.open(kafka()!.plaintext)
    await until(hasCommitted(group, topic, 1), 'the alert', 40, () => program.output)
    await program.line(/sink out is back/)
    await expectStopped(program)
  })

  test("a stream's topic: named, and read once it is there", { timeout: 60_000 }, async () => {
    const [topic, out, group] = [newName('absent'), await newTopic('absent-out'), newName('group')]
    await using place = new Workplace(relay(topic, plaintext(), group, { ...plaintext(), TOPIC: out }))
    const program = place.start()
    await expectSoon(place, program, { code: 'SOURCE_MISSING', stream: 'source' }, topic, 'waiting for it')
    await createTopic(topic)
    await produce(topic, [{ value: 'here' }])
    await until(hasCommitted(group, topic, 1), 'the alert', 40, () => program.output)
    await expectStopped(program)
  })

  test("a sink's topic: named, and written once it is there", { timeout: 60_000 }, async () => {
    const [topic, out, group] = [await newTopic('nowhere'), newName('absent-out'), newName('group')]
    await produce(topic, [{ value: 'waiting' }])
    await using place = new Workplace(relay(topic, plaintext(), group, { ...plaintext(), TOPIC: out }))
    const program = place.start()
    await expectSoon(place, program, { code: 'SINK_UNAVAILABLE', sink: 'out' }, out, 'running never creates topics')
    await createTopic(out)
    await until(hasCommitted(group, topic, 1), 'the alert', 40, () => program.output)
    await expectStopped(program)
    expect(await holds(out, 1)()).toBe(true)
  })
})

describePubsub('a subscription that is missing', () => {
  const start = (project: string, topic: string) => {
    const OPTIONS = { PROJECT: project, TOPIC_PROJECT: project, TOPIC_HANDLERS: { [topic]: 'log' } }
    return new Workplace({ ALERT_STREAMS: [{ NAME: 'PittGoogleAlertStream', ID: 'google', OPTIONS }] })
  }

  test('and cannot be made ends the stream', { timeout: 40_000 }, async () => {
    await using place = start('a-project', 'no-such-topic')
    const program = place.start({ env: { PUBSUB_EMULATOR_HOST: pubsub()!.host } })
    const fields = { code: 'SUBSCRIPTION_MISSING', stream: 'google', level: 50 }
    await expectSoon(place, program, fields, 'no-such-topic', 'Correct the topic in TOPIC_HANDLERS')
    expect(await program.end(), program.output).toBe(1)
  })

  test('is made where its topic is', { timeout: 40_000 }, async () => {
    const server = new PubsubServer(pubsub()!.host)
    const topic = newName('topic')
    const project = await server.newTopic(topic)
    await using place = start(project, topic)
    const program = place.start({ env: { PUBSUB_EMULATOR_HOST: pubsub()!.host } })
    await program.line(/^created .* on projects/)
    await server.publish(project, topic, [{ key: null, headers: [], bytes: Buffer.from('{"n":1}') }])
    await program.line(/"n":1/)
    await expectStopped(program)
  })
})
