import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { hermesProblems } from '../../src/index.ts'
import { sqliteRows } from '../database/rows.ts'
import { HermesService } from '../hermes/hermes-service.ts'
import { createTopic, describeKafkaSasl, kafka, produce, readTopic, withAdmin } from '../setup/services.ts'
import { describeTom, PASSWORD, tom } from '../services/tom.ts'
import { WebhookServer } from '../webhook/server.ts'
import { newName } from './kafka.ts'
import { type Packet, passes, syntheticPackets } from './packets.ts'
import { type Program, root, until, Workplace } from './program.ts'

const page = readFileSync(join(root, 'docs/relaying.md'), 'utf8')

/** The configuration below a heading, with other addresses in place of its own. */
function configurationOf(heading: string, addresses: Readonly<Record<string, string>>): string {
  const section = page.slice(page.indexOf(`\n## ${heading}\n`))
  const [, yaml = ''] = /^```yaml\n(.*?)^```$/ms.exec(section)!
  return Object.entries(addresses).reduce((text, [there, here]) => {
    expect(text).toContain(there)
    return text.replaceAll(there, here)
  }, yaml)
}

/** A folder with the configuration and, as `night.tar.gz`, these packets. */
function placeOf(yaml: string, packets: readonly Packet[]): Workplace {
  const place = new Workplace({}, { 'alertstreams.yaml': yaml })
  const folder = join(place.folder, 'night')
  mkdirSync(folder)
  for (const { candid, bytes } of packets) writeFileSync(join(folder, `${candid}.avro`), bytes)
  execFileSync('tar', ['-czf', 'night.tar.gz', 'night'], { cwd: place.folder })
  return place
}

/** Runs it to its end: all that the FILTER lets through was delivered. */
async function runWhole(place: Workplace, sink: string, env: Readonly<Record<string, string>>): Promise<Program> {
  const run = place.start({ env })
  expect(await run.end(60), run.output).toBe(0)
  const { balanced, streams, sinks } = place.account()
  expect(balanced).toBe(true)
  expect(sinks[sink]).toMatchObject({ taken: bright.length, written: bright.length })
  const rows = Object.values(streams['archive-alert-stream']!.topics)
  expect(rows).toMatchObject([{ received: packets.length, delivered: bright.length, deadLettered: 0 }])
  for (const value of Object.values(env).filter((one) => /secret/.test(one))) expect(run.output).not.toContain(value)
  return run
}

const packets = syntheticPackets(40)
const bright = packets.filter(passes)
const candids = bright.map(({ candid }) => String(candid)).toSorted()

interface Message {
  readonly title: string
  readonly submitter: string
  readonly data: { readonly extra_data: { readonly alert_id: string; readonly alert_topic: string } }
}

describe('as docs/relaying.md has it, alerts go', () => {
  test('to Hermes, with an API key', { timeout: 60_000 }, async () => {
    await using service = await HermesService.start()
    const yaml = configurationOf('To Hermes, with an API key', { 'https://hermes.lco.global/': service.url })
    await using place = placeOf(yaml, packets)
    service.token = 'the-secret-key'
    await runWhole(place, 'hermes:hermes.test', { HERMES_API_KEY: service.token })
    const messages = service.published.map(({ message }) => message as unknown as Message)
    expect(messages.map(({ data }) => data.extra_data.alert_id).toSorted()).toEqual(candids)
    for (const message of messages) {
      expect(hermesProblems(message)).toEqual([])
      expect(message).toMatchObject({ topic: 'hermes.test', submitter: 'J. Doe', authors: 'J. Doe (Observatory)' })
      expect(message.title).toMatch(/^A bright transient: ZTF\w+$/)
    }
  })

  test('to Slack', { timeout: 60_000 }, async () => {
    const server = await new WebhookServer().start()
    onTestFinished(() => server.stop())
    const yaml = configurationOf('To Slack', { 'https://hooks.slack.com': `http://127.0.0.1:${server.port}` })
    await using place = placeOf(yaml, packets)
    const run = await runWhole(place, 'chat', {})
    expect(run.output).not.toContain('XXXX')
    const texts = server.taken.map(({ body }) => JSON.parse(body.toString()).text as string)
    expect(texts.length).toBeGreaterThan(0)
    const magnitude = bright[0]!.magpsf.toFixed(2)
    expect(texts.join('\n')).toMatch(new RegExp(`<https://alerce\\.online/object/\\w+\\|\\w+> ${magnitude} mag`))
  })
})

describeTom('as docs/relaying.md has it, photometry goes', () => {
  test('to a TOM', { timeout: 120_000 }, async () => {
    const { url, query } = await tom(3)
    await using place = placeOf(configurationOf('To a TOM', { 'https://tom.example.org/': url }), packets)
    await runWhole(place, 'our-tom', { TOM_USERNAME: 'observer', TOM_PASSWORD: PASSWORD })
    const names = new Set(bright.map(({ objectId }) => objectId))
    const targets = query('SELECT name FROM tom_targets_basetarget').map(({ name }) => String(name))
    expect(targets.toSorted()).toEqual([...names].toSorted())
    expect(query('SELECT id FROM tom_dataproducts_photometryreduceddatum')).toHaveLength(bright.length)
  })
})

describeKafkaSasl('as docs/relaying.md has it, messages go', () => {
  const credential = { SCIMMA_CREDENTIAL_USERNAME: 'alice', SCIMMA_CREDENTIAL_PASSWORD: 'alice-secret' }
  const trust = () => ({ NODE_EXTRA_CA_CERTS: kafka()!.caFile! })
  const broker = () => `kafka://${kafka()!.saslSsl}/`

  test("to Hermes' topics, with a SCiMMA credential", { timeout: 60_000 }, async () => {
    await provide('hermes.test')
    const addresses = { 'kafka://kafka.scimma.org/': broker() }
    await using place = placeOf(configurationOf("To Hermes' topics, with a SCiMMA credential", addresses), packets)
    const before = (await readTopic('hermes.test')).length
    await runWhole(place, 'hermes', { ...credential, ...trust() })
    const messages = (await readTopic('hermes.test')).slice(before)
    const ours = messages.map(({ value }) => JSON.parse(value!.toString()) as Message)
    // Other tests write there, too.
    const [topic] = Object.keys(place.account().streams['archive-alert-stream']!.topics)
    const mine = ours.filter(({ data }) => data.extra_data?.alert_topic === topic)
    expect(mine.map(({ data }) => data.extra_data.alert_id).toSorted()).toEqual(candids)
    for (const message of mine) expect(hermesProblems(message)).toEqual([])
  })

  test('to Kafka', { timeout: 60_000 }, async () => {
    const topic = newName('bright-transients')
    await createTopic(topic)
    const addresses = { 'kafka://kafka.example.org:9094/': broker(), 'bright-transients': topic }
    await using place = placeOf(configurationOf('To Kafka', addresses), packets)
    await runWhole(place, 'bright', { KAFKA_USERNAME: 'bob', KAFKA_PASSWORD: 'bob-secret', ...trust() })
    const messages = await readTopic(topic)
    const hex = (all: readonly (Buffer | null)[]) => all.map((one) => one!.toString('hex')).toSorted()
    expect(hex(messages.map(({ value }) => value))).toEqual(hex(bright.map(({ bytes }) => bytes)))
    for (const { key } of messages) expect(String(key)).toMatch(/^ZTF/)
  })

  test('to a database', { timeout: 60_000 }, async () => {
    await provide('tomtoolkit.test')
    const group = newName('-relay')
    const addresses = { 'kafka://kafka.scimma.org/': broker(), '-relay': group }
    const name = newName('AT2025')
    const target = { name, ra: 150.175649, dec: 15.2832185 }
    const row = { target_name: name, date_obs: '2024-02-10T00:00:00Z', instrument: 'ZTF', bandpass: 'r' }
    const data = { targets: [target], photometry: [{ ...row, brightness: 18.21, brightness_unit: 'AB mag' }] }
    const message = { title: 'a', topic: 'tomtoolkit.test', submitter: 'J. Doe', data }
    await produce('tomtoolkit.test', [{ value: JSON.stringify(message), headers: [['_format', Buffer.from('json')]] }])
    await using place = placeOf(configurationOf('To a database', addresses), [])
    const run = place.start({ env: { ...credential, ...trust() } })
    await run.line(/^alertstreams starts/)
    const found = () => rowsOf(place, `SELECT target, magnitude, filter, unit FROM photometry WHERE target = '${name}'`)
    await until(
      () => found().length > 0,
      'the row',
      40,
      () => run.output
    )
    run.signal('SIGTERM')
    expect(await run.end(), run.output).toBe(0)
    expect(found()).toEqual([{ target: name, magnitude: 18.21, filter: 'r', unit: 'AB' }])
    expect(rowsOf(place, `SELECT ra, dec FROM targets WHERE name = '${name}'`)).toEqual([
      { ra: 150.175649, dec: 15.2832185 }
    ])
    expect(run.output).not.toContain('alice-secret')
  })
})

/** Empty before the tables are there. */
function rowsOf(place: Workplace, sql: string): readonly Record<string, unknown>[] {
  try {
    return sqliteRows(join(place.folder, 'alerts.sqlite'), sql)
  } catch {
    return []
  }
}

async function provide(...topics: readonly string[]): Promise<void> {
  const there = await withAdmin((admin) => admin.listTopics())
  for (const topic of topics) if (!there.includes(topic)) await createTopic(topic)
}
