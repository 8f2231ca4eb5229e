/**
 * SIGTERM with hundreds of alerts in flight, again and again: each life must drain and commit within its deadline, and
 * the next must repeat nothing.
 * usage: node test/faults/drain.ts [--runs 20] [--in-flight 500]
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { kafkajs } from '../../src/kafka/wire/index.ts'
import { startKafka } from '../services/kafka.ts'

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '20' }, 'in-flight': { type: 'string', default: '500' } }
})
const runs = Number(values.runs)
const wanted = Number(values['in-flight'])

const DRAIN_SECONDS = 10
const PARTITIONS = 4
const A_RUN = wanted * 3
const bin = new URL('../../bin/alertstreams.js', import.meta.url).pathname

/** Takes its time, so that hundreds are at it at once. */
const HANDLER = `import { setTimeout as sleep } from 'node:timers/promises'
export default async (alert) => {
  await sleep(300 + Math.random() * 300)
  return alert
}
`

process.exitCode = await main()

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'alertstreams-drain-'))
  const kafka = await startKafka({ name: 'drain' })
  const client = new kafkajs.Kafka({ brokers: [kafka.brokers.plaintext], logLevel: kafkajs.logLevel.NOTHING })
  const admin = client.admin()
  const producer = client.producer()
  try {
    await Promise.all([admin.connect(), producer.connect()])
    const topics = ['in', 'out'].map((topic) => ({ topic, numPartitions: PARTITIONS }))
    await admin.createTopics({ topics })
    const port = await freePort()
    configure(folder, kafka.brokers.plaintext, port)
    let produced = 0
    let good = 0
    for (let run = 1; run <= runs; run++) {
      const values = Array.from({ length: A_RUN }, () => produced++)
      const messages = values.map((n) => ({ value: String(n), partition: n % PARTITIONS }))
      await producer.send({ topic: 'in', messages })
      const program = spawn(process.execPath, [bin, 'run', 'drain.yaml'], { cwd: folder, stdio: 'ignore' })
      const inFlight = await untilInFlight(port)
      const asked = Date.now()
      program.kill('SIGTERM')
      const [code] = (await once(program, 'exit')) as [number | null]
      const seconds = (Date.now() - asked) / 1000
      const out = sum(await admin.fetchTopicOffsets('out'))
      const committed = sum((await admin.fetchOffsets({ groupId: 'drain', topics: ['in'] }))[0]!.partitions)
      const clean = code === 0 && out === committed && inFlight >= wanted && seconds < DRAIN_SECONDS
      if (clean) good++
      const counts = `${inFlight} in flight, drained in ${seconds.toFixed(2)} s, exit ${code}`
      console.log(`${run}: ${counts}, ${committed} committed, ${out} in the output: ${clean ? 'clean' : 'NOT CLEAN'}`)
    }
    console.log(`${good} of ${runs} drains were clean: everything taken was written once and committed`)
    return good === runs ? 0 : 1
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()])
    await kafka.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

function configure(folder: string, brokers: string, port: number): void {
  const route = { HANDLER: './slow.ts', ORDER_BY: 'none', CONCURRENCY: wanted * 2, SINKS: 'out' }
  const options = { URL: brokers, GROUP_ID: 'drain', START_POSITION: 'EARLIEST', TOPIC_HANDLERS: { in: route } }
  const config = {
    ALERT_STREAMS: [{ NAME: 'HopskotchAlertStream', OPTIONS: options }],
    SINKS: { out: { NAME: 'KafkaSink', OPTIONS: { URL: brokers, TOPIC: 'out' } } },
    RUNNER: { DRAIN_SECONDS, HTTP: { PORT: port } }
  }
  writeFileSync(join(folder, 'drain.yaml'), JSON.stringify(config))
  writeFileSync(join(folder, 'slow.ts'), HANDLER)
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
}

/** Resolves with the number of alerts in flight as soon as there are enough. */
async function untilInFlight(port: number): Promise<number> {
  let most = 0
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(20)) {
    const answer = await fetch(`http://127.0.0.1:${port}/account`).catch(() => undefined)
    if (!answer?.ok) continue
    const account = (await answer.json()) as {
      streams: Record<string, { topics: Record<string, { inFlight: number }> }>
    }
    const topics = Object.values(account.streams).flatMap(({ topics }) => Object.values(topics))
    most = Math.max(most, ...topics.map(({ inFlight }) => inFlight))
    if (most >= wanted) return most
  }
  return most
}

function sum(partitions: readonly { offset: string }[]): number {
  return partitions.reduce((total, { offset }) => total + Math.max(0, Number(offset)), 0)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}
