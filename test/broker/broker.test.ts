import { randomBytes } from 'node:crypto'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import avsc from 'avsc'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowReader } from '../../src/bigquery/values.ts'
import { openContainer } from '../../src/codecs/avro/container.ts'
import { parseJson } from '../../src/codecs/json-text.ts'
import { ztfAlerts } from '../../src/generate/index.ts'
import { type AccountFile, Program, root, until } from '../end-to-end/program.ts'
import { CloudStorage, describeStorage } from '../google/cloud-storage.ts'
import { Mailbox, type Pulled } from '../google/mailbox.ts'
import { PubsubServer } from '../google/server.ts'
import { bigquery, callBigquery } from '../services/bigquery.ts'
import { freePorts, runCommand } from '../services/process.ts'
import { installSalt2 } from '../services/python.ts'
import { describeSalt2 } from '../services/salt2.ts'
import {
  createTopic,
  describeKafka,
  describePeers,
  describePubsub,
  kafka,
  peers,
  produce,
  pubsub
} from '../setup/services.ts'
import { type Expected, expectedOf } from './expected.ts'

/** Packets in all, of which so many are of supernovae, and those of third parties where they are there. */
const PACKETS = 1000
const SUPERNOVAE = 20
const REAL = join(root, '../shared/data/ztf')
const TESTID = 'e2e'

type Json = Readonly<Record<string, unknown>>

describeKafka('config/broker.yaml on Kafka', () =>
  describePubsub('Pub/Sub', () =>
    describeStorage('Cloud Storage', () => describePeers('BigQuery', () => describeSalt2('and sncosmo', broker)))
  )
)

function broker(): void {
  const folder = mkdtempSync(join(tmpdir(), 'alertstreams-broker-'))
  const project = `p-${randomBytes(4).toString('hex')}`
  const topic = `ztf_${new Date().toISOString().slice(0, 10).replaceAll('-', '')}_programid1`
  const boxes = new Map<string, Mailbox>()
  let storage: CloudStorage
  let expected: readonly Expected[]
  let account: AccountFile
  let metrics: string
  const passing = () => expected.filter(({ extragalactic }) => extragalactic.upstream)
  const supernovae = () => passing().filter(({ salt2 }) => salt2.passes)

  beforeAll(async () => {
    const python = await installSalt2()
    storage = await CloudStorage.start('')
    const host = await bigquery()
    const [port] = (await freePorts(1)) as [number]
    copyFileSync(join(root, 'config/broker.yaml'), join(folder, 'broker.yaml'))
    cpSync(join(root, 'config/broker'), join(folder, 'broker'), { recursive: true })
    await makePackets(python, join(folder, 'input'))
    const env = {
      HOME: homedir(),
      GOOGLE_CLOUD_PROJECT: project,
      ZTF_BROKERS: kafka()!.plaintext,
      ZTF_GROUP_ID: `broker-${project}`,
      PUBSUB_EMULATOR_HOST: pubsub()!.host,
      STORAGE_EMULATOR_HOST: storage.host,
      BIGQUERY_EMULATOR_HOST: host,
      SALT2_PYTHON: python,
      SALT2_MODEL: 'supernovae/model',
      SALT2_BANDS: 'supernovae/bands',
      HTTP_PORT: String(port)
    }
    const setup = new Program(['setup', 'broker.yaml', '--testid', TESTID, '--yes'], folder, env)
    expect(await setup.end(60), setup.output).toBe(0)
    expect(setup.output.match(/^made /gm), setup.output).toHaveLength(4 + 4 + 2 + 1 + 2)
    for (const name of ['ztf_alerts', 'ztf_alert_avros', 'ztf_exgalac_trans', 'ztf_salt2']) {
      const server = new PubsubServer(pubsub()!.host)
      const mailbox = await Mailbox.on(server, project, `${name}-${TESTID}`)
      boxes.set(name, mailbox)
    }
    expected = await sendPackets(join(folder, 'input'))

    // Whatever the hour: --now.
    const args = ['run', 'broker.yaml', '--testid', TESTID, '--now', '--account', 'account.json']
    const program = new Program(args, folder, env)
    const state = async (): Promise<AccountFile> =>
      (await fetch(`http://127.0.0.1:${port}/account`)).json() as Promise<AccountFile>
    const settled = async () => {
      if (!program.running) throw new Error(program.output)
      const { streams } = await state().catch((): Partial<AccountFile> => ({}))
      // On a busy machine a lease may run out, and its message comes again: at least once.
      const done = (id: string, count: number) => {
        const [row] = Object.values(streams?.[id]?.topics ?? {})
        return row !== undefined && row.received >= count && row.inFlight === 0
      }
      const parts = ['consumer', 'avro', 'bigquery', 'exgalac']
      return parts.every((id) => done(id, expected.length)) && done('salt2', passing().length)
    }
    await until(settled, 'the broker to have done everything', 400, () => program.output.slice(-4000))
    metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    program.signal('SIGTERM')
    expect(await program.end(60), program.output.slice(-4000)).toBe(0)
    account = JSON.parse(readFileSync(join(folder, 'account.json'), 'utf8'))
  }, 900_000)
  afterAll(async () => {
    await storage?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Into one file each, in the order in which they are sent. */
  async function makePackets(python: string, input: string): Promise<void> {
    const [bases, curves] = [join(folder, 'bases'), join(folder, 'supernovae')]
    const script = (name: string) => join(import.meta.dirname, name)
    for (const path of [bases, input]) mkdirSync(path)
    const real = (existsSync(REAL) ? readdirSync(REAL, { withFileTypes: true }) : []).filter(({ name }) =>
      name.endsWith('.avro')
    )
    for (const [number, { name }] of real.entries()) copyFileSync(join(REAL, name), join(input, `real-${number}.avro`))
    const generated = ztfAlerts(8)
    for (let made = 0; made < SUPERNOVAE; ) {
      const { alert, bytes } = generated.next().value!
      if (alert.prv_candidates.length > 0) writeFileSync(join(bases, `${made++}.avro`), bytes)
    }
    await runCommand(python, [script('light_curves.py'), curves, '--count', `${SUPERNOVAE}`, '--seed', '3'])
    await runCommand(peers()!.python, [script('packets.py'), bases, join(curves, 'alerts.ndjson'), join(input)])
    let number = 0
    for (const { bytes } of generated.take(PACKETS - SUPERNOVAE - real.length)) {
      writeFileSync(join(input, `synthetic-${String(number++).padStart(4, '0')}.avro`), bytes)
    }
  }

  /** To the survey's topic; and what the script says of them, with their place there. */
  async function sendPackets(input: string): Promise<readonly Expected[]> {
    const files = readdirSync(input).toSorted()
    const sent = Date.now()
    const messages = files.map((name, index) => ({
      value: readFileSync(join(input, name)),
      timestamp: String(sent + index)
    }))
    await createTopic(topic)
    await produce(topic, messages)
    const lines = messages.map(({ value, timestamp }, offset) => ({
      topic,
      partition: 0,
      offset: String(offset),
      timestamp: new Date(Number(timestamp)).toISOString(),
      value: value.toString('base64')
    }))
    writeFileSync(join(folder, 'sent.ndjson'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    return expectedOf(join(folder, 'sent.ndjson'))
  }

  test('the packets are what they should be', () => {
    expect(expected).toHaveLength(PACKETS)
    expect(supernovae().length).toBeGreaterThanOrEqual(SUPERNOVAE)
    expect(passing().length).toBeGreaterThan(100)
  })

  test('1. the consumer: each packet byte for byte, with its attributes', async () => {
    const published = (await boxes.get('ztf_alerts')!.all()).toSorted(byCandid)
    const wanted = expected.toSorted((a, b) => compare(String(a.candid), String(b.candid)))
    expect(published.map(({ attributes }) => attributes)).toEqual(wanted.map(({ attributes }) => attributes))
    const sent = readdirSync(join(folder, 'input')).map((name) => readFileSync(join(folder, 'input', name), 'hex'))
    expect(published.map(({ data }) => data.toString('hex')).toSorted()).toEqual(sent.toSorted())
  })

  test('2. Avro storage: each a file of its name, the same alert, for strict readers too; and a notice of each', async () => {
    const objects = await storage.objects(`${project}_ztf_alert_avros-${TESTID}`)
    expect([...objects.keys()]).toEqual(expected.map(({ archive }) => archive).toSorted())
    const archived = join(folder, 'archived')
    mkdirSync(archived)
    for (const [name, bytes] of objects) {
      writeFileSync(join(archived, `${name.replaceAll('/', '_')}`), bytes)
      // Throws for a default that its type does not allow.
      avsc.Type.forSchema(JSON.parse(schemaIn(bytes)))
    }
    const read = await expectedOf(archived)
    expect(byId(read.map(({ candid, row }) => [candid, row]))).toEqual(
      byId(expected.map(({ candid, row }) => [candid, row]))
    )
    const notices = await boxes.get('ztf_alert_avros')!.all()
    expect(new Set(notices.map(({ attributes }) => attributes.objectId))).toEqual(new Set(objects.keys()))
  })

  test('3. BigQuery: each a row, without its cut-outs', async () => {
    const rows = await tableRows('alerts')
    const read = byId(rows.map((row) => [row.candid, row]))
    // The stand-in knows no insertIds: a row that came again is there again.
    expect(read.size).toBe(PACKETS)
    for (const { candid, row } of expected) expect(withoutNulls(read.get(String(candid)))).toEqual(withoutNulls(row))
  })

  test('4. extragalactic transients: those that pass, as JSON without cut-outs', async () => {
    const published = (await boxes.get('ztf_exgalac_trans')!.all()).map(
      ({ data }) => parseJson(data.toString()) as Json
    )
    const wanted = passing().map(({ candid, row }) => [candid, row] as const)
    expect(byId(published.map((row) => [row.candid, row]))).toEqual(byId(wanted))
  })

  test('5. SALT2: each light curve that is good enough has its row, its message and its picture', async () => {
    const candids = supernovae().map(({ candid }) => String(candid))
    const published = (await boxes.get('ztf_salt2')!.all()).map(({ data }) => parseJson(data.toString()) as Json)
    expect(new Set(published.map(({ candid }) => String(candid)))).toEqual(new Set(candids))
    const rows = byId((await tableRows('salt2')).map((row) => [row.candid, row]))
    expect(rows).toEqual(byId(published.map((row) => [row.candid, row])))
    const plots = await storage.names(`${project}_ztf-sncosmo-${TESTID}`)
    expect(plots).toEqual(candids.map((candid) => `salt2/plot_lc/candid_${candid}.png`).toSorted())
  })

  test('the account adds up, and Prometheus is told the same', () => {
    expect(account.balanced).toBe(true)
    expect(account.streams.consumer!.topics[topic]).toMatchObject({ received: PACKETS, delivered: PACKETS })
    expect(account.sinks['dead-letters']).toMatchObject({ taken: 0 })
    expect(metrics).toContain(`alertstreams_received_total{stream="consumer",topic="${topic}"} ${PACKETS}`)
  })

  async function tableRows(table: string): Promise<readonly Json[]> {
    const host = await bigquery()
    const rows: Json[] = []
    const limit = 100
    for (;;) {
      const query = `SELECT * FROM \`${project}.ztf_alerts_${TESTID}.${table}\` ORDER BY candid LIMIT ${limit} OFFSET ${rows.length}`
      const answer = await callBigquery(host, `projects/${project}/queries`, { query, useLegacySql: false })
      const page = ((answer.rows ?? []) as readonly unknown[]).map(rowReader(answer.schema))
      rows.push(...page)
      if (page.length < limit) return rows
    }
  }
}

function schemaIn(container: Uint8Array): string {
  return Buffer.from(openContainer(container, 10_000_000).metadata.get('avro.schema')!).toString()
}

function byId(pairs: readonly (readonly [id: unknown, value: unknown])[]): ReadonlyMap<string, unknown> {
  return new Map(pairs.map(([id, value]) => [String(id), value]))
}

function byCandid(a: Pulled, b: Pulled): number {
  return compare(a.attributes.candid ?? '', b.attributes.candid ?? '')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A table has a column for each field that any version has: what an alert does not have is null there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, one]) => one !== null && !(Array.isArray(one) && one.length === 0))
  return Object.fromEntries(entries.map(([name, one]) => [name, withoutNulls(one)]))
}
