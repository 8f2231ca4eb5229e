import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cached, threeTimes } from './cache.ts'
import { freeKafkaPorts, jvmFlags, type KafkaHome, launchKafka } from './kafka-launch.ts'
import { keystorePassword, serverProperties, users } from './kafka-properties.ts'
import { writeOauthKeys } from './oauth.ts'
import { runCommand } from './process.ts'

/** Fetches the jars, makes certificate, keys and formatted folder; all of it only the first time. */
export async function installKafka(): Promise<KafkaHome> {
  const java = await checkJava()
  const pom = join(import.meta.dirname, 'pom.xml')
  const recipe = [pom, import.meta.filename, join(import.meta.dirname, 'kafka-properties.ts')]
  const version = fingerprint(java, ...recipe.map((file) => readFileSync(file, 'utf8')))
  const libs = await cached(`kafka-libs-${fingerprint(readFileSync(pom, 'utf8'))}`, (part) => copyJars(pom, part))
  const folder = await cached(`kafka-${version}`, (part) => makeHome(libs, part))
  const home = homeIn(folder, libs)
  if (!existsSync(home.classArchive)) await makeClassArchive(home)
  return home
}

function homeIn(folder: string, libs: string): KafkaHome {
  return {
    libs,
    keystore: join(folder, 'broker.p12'),
    caFile: join(folder, 'ca.pem'),
    jwks: join(folder, 'jwks.json'),
    oauthKeyFile: join(folder, 'private.pem'),
    template: join(folder, 'template'),
    classArchive: join(folder, 'classes.jsa')
  }
}

async function checkJava(): Promise<string> {
  const version = await runCommand('java', ['-version']).catch(() => '')
  const major = Number(/version "(\d+)/.exec(version)?.[1] ?? 0)
  if (major < 17) throw new Error('needs Java 17 or newer (Debian: openjdk-17-jdk-headless)')
  return version
}

async function copyJars(pom: string, part: string): Promise<void> {
  await runCommand('mvn', ['-v']).catch(() => {
    throw new Error('needs Maven (Debian: maven)')
  })
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${part}`]
  await threeTimes('fetching the Kafka jars', () => runCommand('mvn', ['-q', '-B', '-f', pom, ...goal]))
}

async function makeHome(libs: string, part: string): Promise<void> {
  mkdirSync(part)
  const home = homeIn(part, libs)
  await makeCertificate(home)
  writeOauthKeys(part)
  const propertiesFile = join(part, 'format.properties')
  const ports = { plaintext: 1, saslPlaintext: 2, saslSsl: 3, controller: 4 }
  writeFileSync(propertiesFile, serverProperties(ports, { data: home.template, ...home }))
  const clusterId = 'alertstreamsTestsAAAAA'
  const scram = users.flatMap((user) =>
    ['256', '512'].flatMap((bits) => ['--add-scram', `SCRAM-SHA-${bits}=[name=${user},password=${user}-secret]`])
  )
  const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', propertiesFile, ...scram]
  await runCommand('java', [...jvmFlags(home), ...format])
}

/** One self-signed certificate for localhost and 127.0.0.1, valid for ten years. */
async function makeCertificate({ keystore, caFile }: KafkaHome): Promise<void> {
  const store = ['-alias', 'broker', '-storetype', 'PKCS12', '-storepass', keystorePassword, '-keystore', keystore]
  const names = ['-dname', 'CN=localhost', '-ext', 'san=dns:localhost,ip:127.0.0.1', '-ext', 'bc:c=ca:true']
  const key = ['-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', '3650']
  await runCommand('keytool', ['-genkeypair', ...store, ...names, ...key])
  await runCommand('keytool', ['-exportcert', '-rfc', ...store, '-file', caFile])
}

/** Runs a broker once; the JVM writes the archive when it stops. */
async function makeClassArchive(home: KafkaHome): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'alertstreams-kafka-'))
  const part = `${home.classArchive}.${process.pid}.part`
  try {
    const flags = [`-XX:ArchiveClassesAtExit=${part}`]
    const broker = await launchKafka(home, { folder, ports: await freeKafkaPorts(), jvmFlags: flags })
    await broker.stop()
    renameSync(part, home.classArchive)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function fingerprint(...texts: readonly string[]): string {
  return createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 12)
}
