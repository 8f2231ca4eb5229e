/**
 * The broker away for two minutes while the program works at full speed: it must live, say why it is not ready, and go
 * on within the session time-out and five seconds of the broker's return, with nothing lost.
 * usage: node test/faults/outage.ts [--seconds 120] [--messages 600000] [--session 30]
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { kafkajs } from '../../src/kafka/wire/index.ts'
import { startKafka } from '../services/kafka.ts'
import { freePorts } from '../services/process.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    messages: { type: 'string', default: '600000' },
    session: { type: 'string', default: '30' }
  }
})
const seconds = Number(values.seconds)
const total = Number(values.messages)
const session = Number(values.session)

const PARTITIONS = 4
const BATCH = 2000
const bin = new URL('../../bin/alertstreams.js', import.meta.url).pathname

process.exitCode = await main()

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'alertstreams-outage-'))
  const kafka = await startKafka({ name: 'outage' })
  const client = new kafkajs.Kafka({
    brokers: [kafka.brokers.plaintext],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 20, initialRetryTime: 100, maxRetryTime: 500 }
  })
  const admin = client.admin()
  let program: ChildProcess | undefined
  try {
    await admin.connect()
    await admin.createTopics({ topics: ['in', 'out'].map((topic) => ({ topic, numPartitions: PARTITIONS })) })
    await fill(client.producer())
    const [port] = (await freePorts(1)) as [number]
    configure(folder, kafka.brokers.plaintext, port)
    const started = Date.now()
    program = spawn(process.execPath, [bin, 'run', 'outage.yaml'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'ignore']
    })
    const written = async () => sum(await admin.fetchTopicOffsets('out'))
    while ((await written()) < total / 10) await sleep(50)
    const rate = (await written()) / ((Date.now() - started) / 1000)

    await kafka.kill()
    console.log(`the broker is killed after ${((Date.now() - started) / 1000).toFixed(1)} s`)
    const reasons = await watch(program, port)
    const before = Date.now()
    await kafka.restart()
    const returned = Date.now()
    console.log(`it answers again, ${((returned - before) / 1000).toFixed(1)} s after its restart`)

    const at = sum((await admin.fetchOffsets({ groupId: 'outage', topics: ['in'] }))[0]!.partitions)
    const committed = async () => sum((await admin.fetchOffsets({ groupId: 'outage', topics: ['in'] }))[0]!.partitions)
    while ((await committed()) <= at && Date.now() - returned < 10 * 60_000) await sleep(100)
    const recovery = (Date.now() - returned) / 1000
    while ((await committed()) < total && Date.now() - returned < 10 * 60_000) await sleep(300)
    const ready = (await fetch(`http://127.0.0.1:${port}/readyz`)).status
    program.kill('SIGTERM')
    const [code] = (await once(program, 'exit')) as [number | null]
    const { missing, repeated } = await read(client)

    console.log(`about ${Math.round(rate)} messages/s before, start-up included; away for ${seconds} s`)
    console.log(`/readyz meanwhile, 503: ${reasons.join(' | ')}`)
    console.log(`the first commit came ${recovery.toFixed(1)} s after its return (limit ${session + 5} s)`)
    console.log(`${total} produced, ${missing} lost, ${repeated} repeated, /readyz ${ready} at the end, exit ${code}`)
    const good = missing === 0 && recovery <= session + 5 && reasons.length > 0 && ready === 200 && code === 0
    console.log(good ? 'good' : 'NOT GOOD')
    return good ? 0 : 1
  } finally {
    program?.kill('SIGKILL')
    await admin.disconnect().catch(() => {})
    await kafka.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function fill(producer: ReturnType<InstanceType<typeof kafkajs.Kafka>['producer']>): Promise<void> {
  await producer.connect()
  for (let from = 0; from < total; from += BATCH) {
    const messages = Array.from({ length: Math.min(BATCH, total - from) }, (_, i) => ({
      value: String(from + i).padEnd(200),
      partition: (from + i) % PARTITIONS
    }))
    await producer.send({ topic: 'in', messages })
  }
  await producer.disconnect()
}

function configure(folder: string, brokers: string, port: number): void {
  const options = {
    URL: brokers,
    GROUP_ID: 'outage',
    START_POSITION: 'EARLIEST',
    SESSION_TIMEOUT: session,
    TOPIC_HANDLERS: { in: { SINKS: 'out' } }
  }
  const config = {
    ALERT_STREAMS: [{ NAME: 'HopskotchAlertStream', OPTIONS: options }],
    SINKS: { out: { NAME: 'KafkaSink', OPTIONS: { URL: brokers, TOPIC: 'out' } } },
    RUNNER: { HTTP: { PORT: port } }
  }
  writeFileSync(join(folder, 'outage.yaml'), JSON.stringify(config))
}

/** What the program gives as reasons while the broker is away, each once, without the changing parts. */
async function watch(program: ChildProcess, port: number): Promise<string[]> {
  const reasons = new Set<string>()
  for (const until = Date.now() + seconds * 1000; Date.now() < until; await sleep(1000)) {
    if (program.exitCode !== null) throw new Error(`the program ended with ${program.exitCode}`)
    const response = await fetch(`http://127.0.0.1:${port}/readyz`)
    const body = (await response.json()) as { reasons: string[] }
    if (response.status === 503) for (const reason of body.reasons) reasons.add(reason)
  }
  return [...reasons]
}

/** Which of the numbers are in the output, and how often more than once. */
async function read(client: InstanceType<typeof kafkajs.Kafka>): Promise<{ missing: number; repeated: number }> {
  const seen = new Uint8Array(total)
  const admin = client.admin()
  await admin.connect()
  const records = sum((await admin.fetchTopicOffsets('out')).map(({ high }) => ({ offset: high })))
  await admin.disconnect()
  const consumer = client.consumer({ groupId: 'outage-reader' })
  await consumer.connect()
  await consumer.subscribe({ topic: 'out', fromBeginning: true })
  let count = 0
  const { promise: done, resolve } = Promise.withResolvers<void>()
  await consumer.run({
    eachBatch: async ({ batch }) => {
      for (const { value } of batch.messages) seen[Number(value!.toString())]!++
      count += batch.messages.length
      if (count >= records) resolve()
    }
  })
  await done
  await consumer.disconnect()
  return {
    missing: seen.filter((times) => times === 0).length,
    repeated: records - seen.filter((times) => times > 0).length
  }
}

function sum(partitions: readonly { offset: string }[]): number {
  return partitions.reduce((all, { offset }) => all + Math.max(0, Number(offset)), 0)
}
