import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createTopic, describeKafkaSasl, kafka, produce, readTopic, withAdmin } from '../setup/services.ts'
import { holds, newName, plaintext } from './kafka.ts'
import { type Program, until, Workplace } from './program.ts'

const folder = join(import.meta.dirname, '../import/settings')

/** What the importer asks for: the handler again, in TypeScript. */
const handler = `
interface Alert { payload(): Promise<unknown> }
const passOn = async (alert: Alert): Promise<unknown> => ({ value: { passedOn: await alert.payload() } })
export default passOn
`

interface Scene {
  readonly file: string
  readonly topic: string
  /** Beside where the broker is. */
  readonly env: Readonly<Record<string, string>>
}

const scimma = { SCIMMA_AUTH_USERNAME: 'alice', SCIMMA_AUTH_PASSWORD: 'alice-secret' }
const scenes: readonly Scene[] = [
  {
    file: 'placeholder.py',
    topic: 'tomtoolkit.test',
    env: { SCIMMA_CREDENTIAL_USERNAME: 'bob', SCIMMA_CREDENTIAL_PASSWORD: 'bob-secret' }
  },
  { file: 'f-string.py', topic: 'observatory.alerts', env: { ...scimma, PASSWORD: 'alice-secret' } },
  { file: 'merged.py', topic: 'merged.alerts', env: scimma },
  {
    file: 'tuples.py',
    topic: 'tuples.alerts',
    env: { ...scimma, HERMES_API_KEY: 'a-key-of-nobody', MYTOM_PASSWORD: 'of-nobody' }
  },
  {
    file: 'imported.py',
    topic: 'imported.alerts',
    env: { HOPSKOTCH_PASSWORD: 'alice-secret', HOPSKOTCH_GROUP_ID: newName('alice-imported') }
  }
]

describeKafkaSasl('settings of a TOM, imported', () => {
  test.for(scenes)('$file: checked and run, it relays', { timeout: 90_000 }, async ({ file, topic, env }) => {
    const output = newName('relayed')
    await using place = await imported(file, output)
    await provide(topic, output)
    const [ids, numbers] = [[1, 2, 3], newName('run')]
    await produce(
      topic,
      ids.map((id) => ({ value: JSON.stringify({ id, numbers }), headers: [['_format', Buffer.from('json')]] }))
    )

    const files = ['imported.yaml', 'alertstreams.yaml']
    const all = { ...broker(), ...env }
    const checked = place.start({ args: ['check', ...files], env: all })
    expect(await checked.end(), checked.output).toBe(0)
    const run = place.start({ args: ['run', ...files, '--account', 'account.json'], env: all })
    // On a broker that is used again there are more.
    const relayed = async () => (await readTopic(output)).map(({ value }) => JSON.parse(value!.toString()).passedOn)
    const ours = async () => (await relayed()).filter((one) => one.numbers === numbers).map(({ id }) => id)
    await until(holds(output, ids.length), 'the alerts', 40, () => run.output)
    await until(
      async () => (await ours()).length >= ids.length,
      'our alerts',
      20,
      () => run.output
    )
    await stop(run)
    expect(await ours()).toEqual(ids)
    expect(place.account().balanced).toBe(true)
    // Where a TOM shares its data is asked nothing: no route writes there.
    expect(run.lines.filter(({ sink }) => sink === 'hermes')).toEqual([])
  })

  test('what the README of tom-alertstreams configures is checked, and its Hopskotch stream runs', {
    timeout: 90_000
  }, async () => {
    await using place = await imported('tom-alertstreams.py', newName('nothing'))
    mkdirSync(join(place.folder, 'handlers'), { recursive: true })
    writeFileSync(join(place.folder, 'handlers/locus.ts'), handler)
    const env = {
      ...broker(),
      ...scimma,
      GCN_CLASSIC_CLIENT_ID: 'me',
      GCN_CLASSIC_CLIENT_SECRET: 'secret',
      ANTARES_API_KEY: 'key',
      ANTARES_API_SECRET: 'secret'
    }
    const checked = place.start({ args: ['check', 'imported.yaml'], env })
    expect(await checked.end(), checked.output).toBe(0)
    expect(checked.output).toMatch(/the configuration is valid: 2 active streams/)

    // GCN is not here, and the topics of other tests are.
    const yaml = place.read('imported.yaml').replace('true\n    NAME: Gcn', 'false\n    NAME: Gcn')
    writeFileSync(join(place.folder, 'here.yaml'), yaml.replace(/\n *"\*": log/, ''))
    for (const topic of ['sys.heartbeat', 'tomtoolkit.test', 'hermes.test']) await provide(topic)
    const number = newName('alert')
    const value = JSON.stringify({ number })
    await produce('tomtoolkit.test', [{ value, headers: [['_format', Buffer.from('json')]] }])
    await produce('hermes.test', [{ value, headers: [['_format', Buffer.from('json')]] }])
    await produce('sys.heartbeat', [{ value: JSON.stringify({ timestamp: 1.7e15, count: 300 }) }])
    const run = place.start({ args: ['run', 'here.yaml', '--account', 'account.json'], env })
    await run.line(new RegExp(`^tomtoolkit\\.test: .*${number}`))
    await run.line(new RegExp(`^hermes\\.test: .*${number}`))
    await run.line(/^heartbeat 300 of 2023-11-14/)
    await stop(run)
    const { topics } = place.account().streams['hopskotch-alert-stream']!
    for (const row of Object.values(topics)) expect(row.handled).toBe(row.received)
  })
})

/** A folder with the imported settings, and a second file that says where alerts go. */
async function imported(file: string, output: string): Promise<Workplace> {
  const sinks = { out: { NAME: 'KafkaSink', OPTIONS: { ...plaintext(), TOPIC: output } } }
  const place = new Workplace({ DEFAULTS: { SINKS: 'out' }, SINKS: sinks })
  // Each run has groups of its own.
  const group = newName('observatory')
  const text = readFileSync(join(folder, file), 'utf8').replaceAll(
    /(?<=-)(observatory\b|\{TOM_NAME\})|(?<=, ')observatory\b/g,
    group
  )
  mkdirSync(join(place.folder, 'handlers'))
  writeFileSync(join(place.folder, 'handlers/pass-on.ts'), handler)
  writeFileSync(join(place.folder, 'settings.py'), text)
  const program = place.start({ args: ['import', 'settings.py', '--out', 'imported.yaml'] })
  expect(await program.end(), program.output).toBe(0)
  return place
}

function broker(): Readonly<Record<string, string>> {
  const { saslSsl, caFile } = kafka()!
  const url = `kafka://${saslSsl}/`
  return { HOPSKOTCH_URL: url, HOPSKOTCH_HOST: saslSsl!, NODE_EXTRA_CA_CERTS: caFile! }
}

async function provide(...topics: readonly string[]): Promise<void> {
  const there = await withAdmin((admin) => admin.listTopics())
  for (const topic of topics) if (!there.includes(topic)) await createTopic(topic)
}

async function stop(program: Program): Promise<void> {
  program.signal('SIGTERM')
  expect(await program.end(), program.output).toBe(0)
}
