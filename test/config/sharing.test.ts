import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { loadConfig } from '../../src/config/index.ts'
import { RecordingLog } from '../contract/log.ts'
import { sourceOf } from '../contract/sink-bench.ts'
import { written } from './written.ts'

/** DATA_SHARING of the TOM Toolkit's documentation. */
const documented = {
  DISPLAY_NAME: 'Hermes',
  BASE_URL: 'https://hermes.lco.global/',
  CREDENTIAL_USERNAME: 'observer-1',
  CREDENTIAL_PASSWORD: 'canary-in-a-coal-mine',
  USER_TOPICS: ['hermes.test', 'tomtoolkit.test']
}
const { CREDENTIAL_USERNAME: _, CREDENTIAL_PASSWORD: __, ...neither } = documented
const withKey = { ...neither, HERMES_API_KEY: 'canary-in-a-coal-mine' }

const message = { title: 'a title', submitter: 'me' }

type Tree = Readonly<Record<string, unknown>>

/** With one route from Hopskotch's `tomtoolkit.test`, or with several. */
async function load(DATA_SHARING: Tree, route: Tree | string = 'log', more: Tree = {}, routes: Tree = {}) {
  const TOPIC_HANDLERS = { 'tomtoolkit.test': route, ...routes }
  const OPTIONS = { USERNAME: 'alice', PASSWORD: 'alice-secret', TOPIC_HANDLERS }
  const ALERT_STREAMS = [{ NAME: 'HopskotchAlertStream', OPTIONS }]
  const folder = await written({ 'a.yaml': stringify({ ALERT_STREAMS, DATA_SHARING, ...more }) })
  const { config, problems } = await loadConfig([`${folder}/a.yaml`], { env: {} })
  const shown = problems ?? config?.warnings.join('\n') ?? ''
  expect(shown).not.toContain('canary')
  return { config, problems: problems?.replaceAll(`${folder}/`, ''), warnings: config?.warnings ?? [], folder }
}

type Loaded = Awaited<ReturnType<typeof load>>

/** The sink, not connected. */
function sinkOf({ config, folder }: Loaded, name: string) {
  const found = config!.sinks.find((sink) => sink.name === name)!
  return found.make({ name, log: new RecordingLog(), baseDir: folder, stateDir: folder, member: undefined })
}

describe('DATA_SHARING of a TOM', () => {
  test('as it is documented is taken without a word, and is a sink that nobody waits for', async () => {
    const { config, warnings } = await load({ hermes: documented })
    expect(warnings).toEqual([])
    expect(config!.sinks).toMatchObject([{ name: 'hermes', kind: 'HermesSink', onDemand: true }])
    expect(config!.secrets).toContain('canary-in-a-coal-mine')
  })

  test('is a sink as others are where a route names it', async () => {
    const { config } = await load({ hermes: withKey }, { HANDLER: 'hermes-message', SINKS: 'hermes' })
    expect(config!.sinks).toMatchObject([{ name: 'hermes', onDemand: false }])
    const asLetter = await load({ hermes: withKey }, { HANDLER: 'log', DEAD_LETTER: 'hermes' })
    expect(asLetter.config!.sinks).toMatchObject([{ name: 'hermes', onDemand: false }])
  })

  test('is for Hermes by the name of an entry, or by what only Hermes has', async () => {
    const named = { USERNAME: 'observer-1', PASSWORD: 'canary-in-a-coal-mine' }
    const byUser = { ...named, CREDENTIAL_PASSWORD: null, USER_TOPICS: ['hermes.test'] }
    const { config } = await load({ 'Hermes-dev': named, a: { HERMES_API_KEY: 'canary-in-a-coal-mine' }, b: byUser })
    expect(config!.sinks.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'Hermes-dev HermesSink',
      'a HermesSink',
      'b HermesSink'
    ])
  })

  test('any other entry is a TOM, which has no topics', async () => {
    const mytom = { DISPLAY_NAME: 'Ours', BASE_URL: 'https://tom.example.org/', USERNAME: 'me', PASSWORD: 'canary-1' }
    const { config, warnings } = await load({ mytom })
    expect(config!.sinks).toMatchObject([{ name: 'mytom', kind: 'TomSink', onDemand: true }])
    expect(warnings).toEqual([])
    const unsafe = await load({ mytom: { ...mytom, BASE_URL: 'http://tom.example.org/' } })
    expect(unsafe.problems).toMatch(/: BASE_URL: expected https: .*\n {2}BASE_URL: /s)
    const { problems } = await load({ mytom }, { SINKS: 'mytom:hermes.test' })
    expect(problems).toMatch(/a\.yaml:8:18: mytom has no topics: it is a TomSink/)
  })

  test('keys that a TOM ignores, or that mean nothing here, are warnings', async () => {
    const { warnings } = await load({ hermes: { ...withKey, DATA_CONVERTER_CLASS: 'a.b.Converter', HERMES_KEY: 1 } })
    expect(warnings.join('\n')).toMatch(/a\.yaml:\d+:\d+: DATA_CONVERTER_CLASS has no effect/)
    expect(warnings.join('\n')).toMatch(/a\.yaml:\d+:\d+: HERMES_KEY is ignored: it is no option of HermesSink/)
    expect(warnings).toHaveLength(2)
  })

  test('whoever names another Hermes, with credentials, is told where messages go', async () => {
    const BASE_URL = 'https://hermes-dev.example.org/'
    const { warnings } = await load({ hermes: { ...documented, BASE_URL } })
    expect(warnings).toMatchObject([expect.stringMatching(/BASE_URL has no effect .* kafka\.scimma\.org/)])
    const told = await load({ hermes: { ...documented, BASE_URL, BROKER_URL: 'kafka://dev.hop.scimma.org/' } })
    const asked = await load({ hermes: { ...withKey, BASE_URL } })
    expect([...told.warnings, ...asked.warnings]).toEqual([])
  })

  test('without credentials is a problem at its place', async () => {
    const { problems } = await load({ hermes: neither })
    expect(problems).toMatch(/^a\.yaml:9:3: there is neither TOKEN \(HERMES_API_KEY\) nor USERNAME/)
  })

  test('may not have a name of SINKS: both places are named', async () => {
    const { problems } = await load({ hermes: withKey }, 'log', { SINKS: { hermes: { NAME: 'DatabaseSink' } } })
    expect(problems).toMatch(/a\.yaml:9:3: hermes stands in SINKS too, at a\.yaml:17:3/)
  })
})

test('the handler of a TOM that saves rows there needs a sink for them here', async () => {
  const handler = 'tom_dataproducts.alertstreams.hermes.hermes_alert_handler'
  const { warnings } = await load({ hermes: documented }, handler)
  expect(warnings).toMatchObject([
    expect.stringMatching(/7:26: what hermes-alert makes goes nowhere: the route has no/)
  ])
  const SINKS = { database: { NAME: 'DatabaseSink' } }
  const kept = await load({ hermes: documented }, { HANDLER: handler, SINKS: 'database' }, { SINKS })
  expect(kept.warnings).toEqual([])
})

describe('a destination as a TOM writes it, hermes:hermes.test', () => {
  test('is the entry with that topic, beside the entry itself', async () => {
    const loaded = await load({ hermes: documented }, { HANDLER: 'hermes-message', SINKS: 'hermes:hermes.test' })
    expect(loaded.config!.sinks).toMatchObject([
      { name: 'hermes', onDemand: true },
      { name: 'hermes:hermes.test', kind: 'HermesSink', onDemand: false }
    ])
    expect(loaded.config!.streams[0]!.routes[0]!.sinks).toEqual(['hermes:hermes.test'])
    expect(sinkOf(loaded, 'hermes:hermes.test').place({ value: message }, sourceOf()).target).toMatch(/^hermes\.test/)
    expect(() => sinkOf(loaded, 'hermes').place({ value: message }, sourceOf())).toThrow(
      /topic: This field is required/
    )
  })

  test('also where what is republished names the topic that it came from', async () => {
    const loaded = await load({ hermes: withKey }, { SINKS: 'hermes:hermes.test' })
    const bytes = Buffer.from(JSON.stringify({ ...message, topic: 'tomtoolkit.test' }))
    const source = sourceOf()
    const republished = { ...source, message: { ...source.message, bytes } }
    const { target } = sinkOf(loaded, 'hermes:hermes.test').place({ value: bytes }, republished)
    expect(target).toBe('hermes.test')
  })

  test('must be an entry, and a topic of its USER_TOPICS', async () => {
    const unknown = await load({ hermes: withKey }, { SINKS: 'hermse:hermes.test' })
    expect(unknown.problems).toMatch(/there is no sink hermse:hermes\.test.*did you mean hermes\?/s)
    const elsewhere = await load({}, { SINKS: 'hermes:hermes.test' })
    expect(elsewhere.problems).toMatch(/DATA_SHARING has no entry hermes: add it, or the file that has it/)
    const forbidden = await load({ hermes: withKey }, { SINKS: 'hermes:hermes.photometry' })
    expect(forbidden.problems).toMatch(/a\.yaml:8:18: TOPIC: hermes\.photometry is not among USER_TOPICS/)
  })
})

describe('a loop', () => {
  const hermesMessage = (TOPIC: string, SINKS = 'hermes') => ({ HANDLER: 'hermes-message', SINKS, OPTIONS: { TOPIC } })

  test.for<readonly [string, Tree]>([
    ['by the OPTIONS of the handler', hermesMessage('tomtoolkit.test')],
    ['by the destination', { HANDLER: 'payload', SINKS: 'hermes:tomtoolkit.test' }],
    ['by the message itself, which is republished', { SINKS: 'hermes' }]
  ])('%s is refused, both places named', async ([, route]) => {
    const { problems } = await load({ hermes: documented }, route)
    const where = 'to kafka.scimma.org:9092, where the stream hopskotch-alert-stream reads it, at a.yaml:7:9'
    expect(problems).toContain(where)
    expect(problems).toMatch(/^a\.yaml:\d+:\d+: a loop: hermes(:tomtoolkit\.test)? writes \S+ to /)
    expect((await load({ hermes: withKey }, route)).problems).toContain(where)
    const elsewhere = { hermes: { ...documented, BROKER_URL: 'kafka://other.example.org/' } }
    expect((await load(elsewhere, route)).problems).toBeUndefined()
    expect((await load({ hermes: documented }, { ...route, ALLOW_LOOP: true })).problems).toBeUndefined()
  })

  test('another topic is none, also where the message comes from a topic that may be written', async () => {
    expect((await load({ hermes: documented }, hermesMessage('hermes.test'))).problems).toBeUndefined()
    expect((await load({ hermes: documented }, { SINKS: 'hermes:hermes.test' })).problems).toBeUndefined()
  })

  test('over several topics, also of Pub/Sub', async () => {
    const around = await load({ hermes: documented }, hermesMessage('hermes.test'), {}, { 'hermes.*': 'log' })
    expect(around.problems).toMatch(/hermes writes hermes\.test .* at a\.yaml:12:9/)

    const OPTIONS = { PROJECT: 'ours', TOPIC_PROJECT: 'Ours', TOPIC_HANDLERS: { loop: { SINKS: 'out' } } }
    const text = (TOPIC: string, PROJECT = 'ours') =>
      stringify({
        ALERT_STREAMS: [{ NAME: 'PittGoogleAlertStream', OPTIONS }],
        SINKS: { out: { NAME: 'PubSubSink', OPTIONS: { PROJECT, TOPIC } } }
      })
    const folder = await written({ 'a.yaml': text('{topic}'), 'b.yaml': text('out'), 'c.yaml': text('loop', 'theirs') })
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((file) => loadConfig([`${folder}/${file}.yaml`])))
    expect(a!.problems).toMatch(/a loop: out writes \{topic\} to pubsub:ours, where .* reads it, at \S+a\.yaml:7:9/)
    expect([b!.problems, c!.problems]).toEqual([undefined, undefined])
  })
})
