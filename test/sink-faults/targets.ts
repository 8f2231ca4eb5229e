import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { TcpProxy } from '../faults/proxy.ts'
import { sqliteRows } from '../database/rows.ts'
import { BigQueryTables } from '../google/big-query-tables.ts'
import { CloudStorage } from '../google/cloud-storage.ts'
import { Mailbox } from '../google/mailbox.ts'
import { denied } from '../harnesses/kafka-sink.ts'
import { HermesService } from '../hermes/hermes-service.ts'
import { PASSWORD as POSTGRES_PASSWORD, postgres } from '../services/postgres.ts'
import { freePorts } from '../services/process.ts'
import { startPubsub } from '../services/pubsub.ts'
import { PASSWORD as TOM_PASSWORD, tom } from '../services/tom.ts'
import { kafka, newTopic, readTopic, withAdmin } from '../setup/services.ts'
import { WebhookServer } from '../webhook/server.ts'
import { type MakeTarget, networkFaults, packets, refusing } from './target.ts'

const UNAVAILABLE = { status: 503, body: 'later', headers: { 'Retry-After': '1' } } as const

/** A proxy in front of a port of this machine. */
async function proxyTo(port: number): Promise<TcpProxy> {
  const [free] = (await freePorts(1)) as [number]
  const proxy = new TcpProxy(free, port)
  await proxy.listen()
  return proxy
}

const candidIn = (bytes: Uint8Array | null) => JSON.parse(Buffer.from(bytes!).toString()).candid as string

export const file: MakeTarget = async (folder) => {
  const path = join(folder, 'out.ndjson')
  return {
    sink: { NAME: 'FileSink', OPTIONS: { PATH: 'out.ndjson', FORMAT: 'payload' } },
    async held() {
      const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
      return lines.map((line) => JSON.parse(line).candid as string)
    },
    faults: {},
    once: false,
    async tearDown() {}
  }
}

export const kafkaTopic: MakeTarget = async () => {
  const topic = await newTopic('target', 2)
  const { saslSsl, caFile } = kafka()!
  const connection = { URL: saslSsl, SSL_CA_LOCATION: caFile, USERNAME: 'alice', PASSWORD: 'alice-secret' }
  const deny = () => withAdmin((admin) => admin.createAcls({ acl: [denied(topic)] }))
  const allow = () => withAdmin((admin) => admin.deleteAcls({ filters: [denied(topic)] }))
  return {
    sink: { NAME: 'KafkaSink', OPTIONS: { ...connection, TOPIC: topic } },
    held: async () => (await readTopic(topic)).map(({ value }) => candidIn(value)),
    faults: { refused: refusing(deny, allow) },
    once: false,
    async tearDown() {}
  }
}

export const pubsubTopic: MakeTarget = async () => {
  const server = await startPubsub()
  const mailbox = await Mailbox.open(server.host, 'target')
  const proxy = await proxyTo(Number(server.host.split(':')[1]))
  const fault = (n: number) => server.admin(`fault?method=Publish&code=RESOURCE_EXHAUSTED&n=${n}`)
  return {
    sink: { NAME: 'PubSubSink', OPTIONS: { PROJECT: mailbox.project, TOPIC: 'target', ORDERED: true } },
    env: { PUBSUB_EMULATOR_HOST: `127.0.0.1:${proxy.port}` },
    held: async () => (await mailbox.all()).map(({ data }) => candidIn(data)),
    faults: {
      ...networkFaults(proxy),
      refused: refusing(
        () => fault(-1),
        () => fault(0)
      )
    },
    once: false,
    async tearDown() {
      await proxy.close()
      await server.stop()
    }
  }
}

const CANDIDS = "SELECT alert_id AS candid FROM alerts WHERE topic <> ''"

export const sqlite: MakeTarget = async (folder) => ({
  sink: { NAME: 'DatabaseSink', OPTIONS: { PATH: 'alerts.sqlite' } },
  route: {},
  async held() {
    const path = join(folder, 'alerts.sqlite')
    return existsSync(path) ? sqliteRows(path, CANDIDS).map(({ candid }) => String(candid)) : []
  },
  faults: {},
  once: true,
  async tearDown() {}
})

export const postgresql: MakeTarget = async () => {
  const server = await postgres()
  const url = await server.create()
  const proxy = await proxyTo(server.port)
  return {
    sink: {
      NAME: 'DatabaseSink',
      OPTIONS: { URL: url.replace(`:${server.port}`, `:${proxy.port}`), PASSWORD: POSTGRES_PASSWORD }
    },
    route: {},
    held: async () => (await server.query(url, CANDIDS).catch(() => [])).map(({ candid }) => String(candid)),
    faults: { ...networkFaults(proxy), killed: refusing(server.kill, server.restart) },
    once: true,
    tearDown: () => proxy.close()
  }
}

export const webhook: MakeTarget = async () => {
  const server = await new WebhookServer().start()
  const proxy = await proxyTo(server.port)
  return {
    sink: { NAME: 'WebhookSink', OPTIONS: { URL: `http://127.0.0.1:${proxy.port}/alerts` } },
    held: async () => server.taken.map(({ body }) => candidIn(body)),
    faults: {
      ...networkFaults(proxy),
      'slow down': refusing(
        async () => (server.answer = () => UNAVAILABLE),
        async () => (server.answer = () => undefined)
      )
    },
    once: false,
    async tearDown() {
      await proxy.close()
      await server.stop()
    }
  }
}

const toHermes = { HANDLER: 'hermes-message', OPTIONS: { TOPIC: 'hermes.test', SUBMITTER: 'a relay' } }
const candidOf = (message: Readonly<Record<string, unknown>>) =>
  (message.data as { extra_data: { alert_id: string } }).extra_data.alert_id

export const hermesOverHttp: MakeTarget = async () => {
  const service = await HermesService.start()
  const proxy = await proxyTo(Number(new URL(service.url).port))
  return {
    sink: { NAME: 'HermesSink', OPTIONS: { URL: `http://127.0.0.1:${proxy.port}/`, TOKEN: service.token } },
    route: toHermes,
    held: async () => service.published.map(({ message }) => candidOf(message)),
    faults: {
      ...networkFaults(proxy),
      'slow down': refusing(
        async () => service.answerAll(UNAVAILABLE),
        async () => service.answerAll(undefined)
      )
    },
    once: false,
    async tearDown() {
      await proxy.close()
      await service[Symbol.asyncDispose]()
    }
  }
}

export const hermesOverKafka: MakeTarget = async () => {
  const topic = await newTopic('hermes', 2)
  const { saslSsl, caFile } = kafka()!
  const credential = { USERNAME: 'alice', PASSWORD: 'alice-secret' }
  const deny = () => withAdmin((admin) => admin.createAcls({ acl: [denied(topic)] }))
  const allow = () => withAdmin((admin) => admin.deleteAcls({ filters: [denied(topic)] }))
  return {
    sink: { NAME: 'HermesSink', OPTIONS: { ...credential, BROKER_URL: saslSsl, SSL_CA_LOCATION: caFile } },
    route: { ...toHermes, OPTIONS: { ...toHermes.OPTIONS, TOPIC: topic } },
    held: async () => (await readTopic(topic)).map(({ value }) => candidOf(JSON.parse(value!.toString()))),
    faults: { refused: refusing(deny, allow) },
    once: false,
    async tearDown() {}
  }
}

const candidsOf = (names: readonly string[]) => names.map((name) => basename(name, '.avro'))

export const archiveFolder: MakeTarget = async (folder) => ({
  sink: { NAME: 'AvroArchiveSink', OPTIONS: { PATH: 'archive/' } },
  route: {},
  async held() {
    const path = join(folder, 'archive')
    const all = existsSync(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }) : []
    return candidsOf(all.filter((name) => name.endsWith('.avro')))
  },
  faults: {},
  once: true,
  async tearDown() {}
})

export const archiveBucket: MakeTarget = async () => {
  const storage = await CloudStorage.start()
  const proxy = await proxyTo(Number(storage.host.split(':')[1]))
  return {
    sink: { NAME: 'AvroArchiveSink', OPTIONS: { PATH: `gs://${storage.bucket}/` } },
    route: {},
    env: { STORAGE_EMULATOR_HOST: `127.0.0.1:${proxy.port}` },
    held: async () => candidsOf(await storage.names()),
    faults: {
      ...networkFaults(proxy),
      'slow down': refusing(
        async () => (storage.instead = () => ({ status: 503 })),
        async () => (storage.instead = undefined)
      ),
      'no answers': refusing(
        async () => (storage.instead = () => 'cut'),
        async () => (storage.instead = undefined)
      )
    },
    once: true,
    async tearDown() {
      await proxy.close()
      await storage.stop()
    }
  }
}

/** Of each file Pub/Sub is told: an alert is there as often as it was told of. */
export const archiveWithNotices: MakeTarget = async () => {
  const [storage, pubsub] = await Promise.all([CloudStorage.start(), startPubsub()])
  const mailbox = await Mailbox.open(pubsub.host, 'files')
  const portOf = (host: string) => Number(host.split(':')[1])
  const [toStorage, toPubsub] = [await proxyTo(portOf(storage.host)), await proxyTo(portOf(pubsub.host))]
  const options = { PATH: `gs://${storage.bucket}/`, NOTICE_TOPIC: 'files', PROJECT: mailbox.project }
  return {
    sink: { NAME: 'AvroArchiveSink', OPTIONS: options },
    route: {},
    env: {
      STORAGE_EMULATOR_HOST: `127.0.0.1:${toStorage.port}`,
      PUBSUB_EMULATOR_HOST: `127.0.0.1:${toPubsub.port}`
    },
    async held() {
      const files = new Set(await storage.names())
      const told = (await mailbox.all()).map(({ attributes }) => attributes.objectId!)
      return candidsOf(told.filter((name) => files.has(name)))
    },
    faults: {
      'cut, Cloud Storage': networkFaults(toStorage).cut,
      'cut, Pub/Sub': networkFaults(toPubsub).cut,
      'away, Pub/Sub': networkFaults(toPubsub).away
    },
    once: false,
    async tearDown() {
      await Promise.all([toStorage.close(), toPubsub.close()])
      await Promise.all([storage.stop(), pubsub.stop()])
    }
  }
}

/** A TOM keeps no ids of alerts: each has a time of its own. */
export const runningTom: MakeTarget = async () => {
  const { port, query } = await tom(3)
  const proxy = await proxyTo(port)
  const source = `of a run ${randomBytes(4).toString('hex')}`
  const candids = new Map(packets(1000).map(({ candid, jd }) => [tenSeconds((jd - 2_440_587.5) * 86_400_000), candid]))
  const sql = 'SELECT timestamp FROM tom_dataproducts_photometryreduceddatum WHERE source_name = ?'
  return {
    sink: {
      NAME: 'TomSink',
      OPTIONS: {
        URL: `http://127.0.0.1:${proxy.port}/`,
        USERNAME: 'observer',
        PASSWORD: TOM_PASSWORD,
        CREATE_TARGETS: true,
        SOURCE_NAME: source,
        TIMEOUT: '5s'
      }
    },
    route: {},
    async held() {
      const times = query(sql, source).map(({ timestamp }) => Date.parse(`${timestamp}Z`))
      return times.map((time) => candids.get(tenSeconds(time)) ?? `nobody's, at ${time}`)
    },
    faults: networkFaults(proxy),
    each: 8,
    once: true,
    tearDown: () => proxy.close()
  }
}

const tenSeconds = (ms: number) => Math.round(ms / 10_000)

/** As Google does, it keeps rows with the same insertId once. */
export const bigqueryTable: MakeTarget = async () => {
  const tables = await BigQueryTables.start()
  const { rows } = tables.make('ztf', 'alerts', [{ name: 'candid', type: 'INTEGER', mode: 'REQUIRED' }])
  const proxy = await proxyTo(Number(tables.host.split(':')[1]))
  const refusal = (status: number, reason: string) =>
    refusing(
      async () => (tables.refusal = { status, reason, message: reason }),
      async () => (tables.refusal = undefined)
    )
  return {
    sink: { NAME: 'BigQuerySink', OPTIONS: { PROJECT: 'p', TABLE: 'ztf.alerts', TIMEOUT: '5s' } },
    route: {},
    env: { BIGQUERY_EMULATOR_HOST: `127.0.0.1:${proxy.port}` },
    held: async () => rows.map(({ candid }) => String(candid)),
    faults: {
      ...networkFaults(proxy),
      'over quota': refusal(403, 'quotaExceeded'),
      'slow down': refusal(503, 'backendError')
    },
    once: true,
    async tearDown() {
      await proxy.close()
      tables.close()
    }
  }
}
