import { cpSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ExtraListener, type KafkaPorts, serverProperties } from './kafka-properties.ts'
import { freePorts, isFree, type Service, startService } from './process.ts'
import { answersKafka } from './ready.ts'

/** What every broker of the tests starts from. */
export interface KafkaHome {
  readonly libs: string
  readonly keystore: string
  readonly caFile: string
  readonly jwks: string
  /** Signs OAUTHBEARER tokens: see oauth.ts. */
  readonly oauthKeyFile: string
  /** A formatted data folder with the SCRAM users. */
  readonly template: string
  /** Loaded classes as the JVM keeps them: halves the start. */
  readonly classArchive: string
}

/** Starts a broker on a data folder, with its properties and log beside it. */
export async function launchKafka(
  home: KafkaHome,
  run: {
    readonly folder: string
    readonly ports: KafkaPorts
    readonly jvmFlags?: readonly string[]
    readonly properties?: Readonly<Record<string, string>>
    readonly listeners?: readonly ExtraListener[]
  }
): Promise<Service> {
  const { folder, ports, listeners = [] } = run
  // Somebody else's broker on one of these ports would answer in our place.
  for (const port of [...Object.values(ports), ...listeners.map((listener) => listener.port)])
    if (!(await isFree(port))) throw new Error(`port ${port} is in use`)
  const data = join(folder, 'data')
  if (!existsSync(data)) cpSync(home.template, data, { recursive: true })
  const propertiesFile = join(folder, 'server.properties')
  writeFileSync(propertiesFile, serverProperties(ports, { data, ...home }, listeners, run.properties))
  const archive = existsSync(home.classArchive) ? [`-XX:SharedArchiveFile=${home.classArchive}`] : []
  const flags = [...jvmFlags(home), '-Xms512m', '-Xmx512m', ...archive, ...(run.jvmFlags ?? [])]
  return startService('java', [...flags, 'kafka.Kafka', propertiesFile], {
    logFile: join(folder, 'broker.log'),
    ready: () => answersKafka(ports.plaintext)
  })
}

export async function freeKafkaPorts(): Promise<KafkaPorts> {
  const [plaintext, saslPlaintext, saslSsl, controller] = (await freePorts(4)) as [number, number, number, number]
  return { plaintext, saslPlaintext, saslSsl, controller }
}

/** The flags of every Java process that runs Kafka's code: a quick start matters more than speed later. */
export function jvmFlags({ libs, jwks }: KafkaHome): string[] {
  return [
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-XX:-UsePerfData',
    '-Xlog:cds=off',
    '-Xlog:cds+dynamic=off',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-Dorg.slf4j.simpleLogger.showDateTime=true',
    '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS',
    // The broker refuses to read a key set, even from a file, that is not on this list.
    `-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://${jwks}`,
    '-cp',
    join(libs, '*')
  ]
}
