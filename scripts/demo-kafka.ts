/**
 * The demo through the Kafka at KAFKA_BROKERS: makes the topics, publishes the demo's alerts, and runs
 * config/demo-kafka.yaml until it has committed all of them.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { kafkajs } from '../src/kafka/wire/index.ts'

const ROOT = join(import.meta.dirname, '..')
/** What each group of config/demo-kafka.yaml reads. */
const READ = {
  'alertstreams-demo': ['ztf-loop'],
  'alertstreams-demo-hopskotch': ['hermes.test', 'sys.heartbeat']
}
const WRITTEN = ['filtered.ztf-loop', 'filtered.hermes.test', 'brightening', 'dead-letters']

const brokers = process.env.KAFKA_BROKERS
if (brokers === undefined) {
  console.error('KAFKA_BROKERS is not set: run npm run demo:kafka, which starts a Kafka, or name one (host:port)')
  process.exit(2)
}
const admin = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING }).admin()
await admin.connect()
try {
  process.exitCode = await demo()
} finally {
  await admin.disconnect()
}

async function demo(): Promise<number> {
  const topics = [...Object.values(READ).flat(), ...WRITTEN].map((topic) => ({ topic }))
  await admin.createTopics({ topics, waitForLeaders: false })
  mkdirSync(join(ROOT, 'demo-output'), { recursive: true })
  const publishing = alertstreams(['config/demo/publish.yaml', '--log-level', 'warn'], 'pipe')
  // Not the terminal's: the other one draws its progress there.
  publishing.stderr?.on('data', (text) => process.stderr.write(text))
  const running = alertstreams(['config/demo-kafka.yaml', '--account', 'demo-output/account.json'], 'inherit')
  const published = ended(publishing)
  const ran = ended(running)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal, publishing, running))
  const code = await Promise.race([published, ran])
  if (code === 0) await Promise.race([ran, allCommitted()])
  stop('SIGTERM', publishing, running)
  const codes = [await published, await ran]
  console.log('messages in the topics that were written:')
  for (const topic of WRITTEN) console.log(`  ${topic}: ${await count(topic)}`)
  return Math.max(...codes)
}

function alertstreams(args: readonly string[], stderr: 'inherit' | 'pipe'): ChildProcess {
  const stdio = ['ignore', 'inherit', stderr] as const
  return spawn(process.execPath, ['bin/alertstreams.js', 'run', ...args], { cwd: ROOT, stdio: [...stdio] })
}

async function ended(child: ChildProcess): Promise<number> {
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

function stop(signal: NodeJS.Signals, ...children: readonly ChildProcess[]): void {
  for (const child of children) child.kill(signal)
}

/** Resolves when the groups have finished what the topics hold. */
async function allCommitted(): Promise<void> {
  for (const [groupId, topics] of Object.entries(READ)) {
    for (const topic of topics) {
      const end = await count(topic)
      while ((await committed(groupId, topic)) < end) await sleep(200)
    }
  }
}

async function committed(groupId: string, topic: string): Promise<number> {
  const [found] = await admin.fetchOffsets({ groupId, topics: [topic] })
  return Number(found?.partitions[0]?.offset)
}

async function count(topic: string): Promise<number> {
  const [partition] = await admin.fetchTopicOffsets(topic)
  return Number(partition?.high)
}
