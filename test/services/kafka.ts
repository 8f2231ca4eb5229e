import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installKafka } from './kafka-install.ts'
import { freeKafkaPorts, launchKafka } from './kafka-launch.ts'
import type { ExtraListener } from './kafka-properties.ts'

export { installKafka } from './kafka-install.ts'

export interface KafkaOptions {
  /** Part of the data folder's name, for people who look. */
  readonly name?: string
  /** Added to the JVM's command line, after our own flags. */
  readonly jvmFlags?: readonly string[]
  /** Lines of server.properties, added to ours and winning over them. */
  readonly properties?: Readonly<Record<string, string>>
  /** Plaintext listeners beside ours. Clients are sent to `advertisedPort`, where a proxy may stand in between. */
  readonly listeners?: readonly ExtraListener[]
}

export interface RunningKafka {
  /** host:port of each listener; they stay the same over a restart. */
  readonly brokers: { readonly plaintext: string; readonly saslPlaintext: string; readonly saslSsl: string }
  /** PEM file to trust for `saslSsl`. */
  readonly caFile: string
  /** PEM file that signs OAUTHBEARER tokens: see signedToken in oauth.ts. */
  readonly oauthKeyFile: string
  /** The folder of the partitions' folders: `topic-0/00000000000000000000.log` and so on. */
  readonly dataFolder: string
  /** Of the process that runs now: another one after a restart. */
  readonly pid: number
  /** Ends the broker in good order; its data stays for `restart`. */
  stop(): Promise<void>
  /** Ends the broker as a crash would; its data stays for `restart`. */
  kill(): Promise<void>
  /** Starts the broker again on its data and ports, once it has been stopped or killed. */
  restart(): Promise<void>
  /** Ends the broker and deletes its data. */
  remove(): Promise<void>
}

/** Starts a Kafka of its own on free ports and an empty data folder, and waits until it answers. */
export async function startKafka({ name = 'kafka', ...settings }: KafkaOptions = {}): Promise<RunningKafka> {
  const home = await installKafka()
  const folder = mkdtempSync(join(tmpdir(), `alertstreams-${name}-`))
  const ports = await freeKafkaPorts()
  const launch = () => launchKafka(home, { folder, ports, ...settings })
  let broker = await launch()
  return {
    brokers: {
      plaintext: `127.0.0.1:${ports.plaintext}`,
      saslPlaintext: `127.0.0.1:${ports.saslPlaintext}`,
      saslSsl: `127.0.0.1:${ports.saslSsl}`
    },
    caFile: home.caFile,
    oauthKeyFile: home.oauthKeyFile,
    dataFolder: join(folder, 'data'),
    get pid() {
      return broker.pid
    },
    stop: () => broker.stop(),
    kill: () => broker.kill(),
    async restart() {
      broker = await launch()
    },
    async remove() {
      await broker.kill()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
