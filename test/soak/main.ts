/**
 * How much memory a long run needs: a steady rate of messages from one Kafka to another, the resident size and the open
 * files of the program sampled, and everything counted at the end.
 * usage: node test/soak/main.ts [--minutes 30] [--rate 300] [--bytes 70000] [--away-minutes 0] [--limit-mb 300]
 * With --away-minutes the target is stopped for so long after the warm-up; it must come back with nothing lost.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { kafkajs } from '../../src/kafka/wire/index.ts'
import { type RunningKafka, startKafka } from '../services/kafka.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '300' },
    bytes: { type: 'string', default: '70000' },
    'away-minutes': { type: 'string', default: '0' },
    'limit-mb': { type: 'string', default: '300' }
  }
})
const minutes = Number(values.minutes)
const rate = Number(values.rate)
const bytes = Number(values.bytes)
const awayMinutes = Number(values['away-minutes'])
const limit = Number(values['limit-mb'])

const WARM_UP_S = Math.min(120, (minutes * 60) / 4)
const SAMPLE_S = 5
const TOPIC = 'soak'
/** Of each partition, so that hours of packets fit on a disk. */
const RETENTION_BYTES = String(awayMinutes > 0 ? 8_000_000_000 : 1_000_000_000)

interface Sample {
  readonly second: number
  readonly rss: number
  readonly files: number
}

const clientOf = (kafka: RunningKafka) =>
  new kafkajs.Kafka({ brokers: [kafka.brokers.plaintext], logLevel: kafkajs.logLevel.NOTHING })

process.exitCode = await main()

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'alertstreams-soak-'))
  const [source, target] = await Promise.all([startKafka({ name: 'soak-source' }), startKafka({ name: 'soak-target' })])
  let program: ChildProcess | undefined
  try {
    await Promise.all([createTopic(source), createTopic(target)])
    program = startProgram(folder, source, target)
    const producing = produce(source)
    const samples = await sample(program, target)
    const produced = await producing
    const delivered = await waitForEnd(target, produced)
    program.kill('SIGTERM')
    const [code] = (await once(program, 'exit')) as [number | null]
    return verdict(samples, produced, delivered, code)
  } finally {
    program?.kill('SIGKILL')
    await Promise.all([source.remove(), target.remove()])
    rmSync(folder, { recursive: true, force: true })
  }
}

async function createTopic(kafka: RunningKafka): Promise<void> {
  const admin = clientOf(kafka).admin()
  await admin.connect()
  const configEntries = [
    { name: 'retention.bytes', value: RETENTION_BYTES },
    { name: 'segment.bytes', value: '100000000' }
  ]
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 4, configEntries }] })
  await admin.disconnect()
}

function startProgram(folder: string, source: RunningKafka, target: RunningKafka): ChildProcess {
  const config = {
    ALERT_STREAMS: [
      {
        NAME: 'HopskotchAlertStream',
        OPTIONS: {
          URL: source.brokers.plaintext,
          GROUP_ID: 'soak',
          START_POSITION: 'EARLIEST',
          TOPIC_HANDLERS: { [TOPIC]: { SINKS: 'target' } }
        }
      }
    ],
    SINKS: { target: { NAME: 'KafkaSink', OPTIONS: { URL: target.brokers.plaintext, TOPIC } } }
  }
  const file = join(folder, 'soak.yaml')
  writeFileSync(file, JSON.stringify(config))
  const entry = new URL('../../bin/alertstreams.js', import.meta.url).pathname
  return spawn(process.execPath, [entry, 'run', file], { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** A steady rate; gives how many there were. */
async function produce(source: RunningKafka): Promise<number> {
  const producer = clientOf(source).producer()
  await producer.connect()
  const value = Buffer.alloc(bytes, 'x')
  const started = Date.now()
  let produced = 0
  while (Date.now() - started < minutes * 60_000) {
    const due = Math.floor(((Date.now() - started) / 1000) * rate) - produced
    const count = Math.min(due, Math.max(1, Math.floor(700_000 / bytes)))
    if (count > 0) {
      const partition = produced % 4
      await producer.send({ topic: TOPIC, messages: Array.from({ length: count }, () => ({ value, partition })) })
      produced += count
    } else await sleep(5)
  }
  await producer.disconnect()
  return produced
}

async function sample(program: ChildProcess, target: RunningKafka): Promise<Sample[]> {
  const samples: Sample[] = []
  const started = Date.now()
  const seconds = () => (Date.now() - started) / 1000
  let away: 'not yet' | 'away' | 'back' = awayMinutes > 0 ? 'not yet' : 'back'
  while (seconds() < minutes * 60) {
    await sleep(SAMPLE_S * 1000)
    if (program.exitCode !== null) throw new Error(`the program ended early with ${program.exitCode}`)
    if (away === 'not yet' && seconds() > WARM_UP_S) {
      away = 'away'
      console.log(`${seconds().toFixed(0)} s: the target is stopped`)
      await target.stop()
    } else if (away === 'away' && seconds() > WARM_UP_S + awayMinutes * 60) {
      away = 'back'
      await target.restart()
      console.log(`${seconds().toFixed(0)} s: the target is back`)
    }
    samples.push({ second: seconds(), rss: residentMb(program.pid!), files: openFiles(program.pid!) })
    const { second, rss, files } = samples.at(-1)!
    if (samples.length % 12 === 0) console.log(`${second.toFixed(0)} s: ${rss.toFixed(0)} MB, ${files} files`)
  }
  return samples
}

async function waitForEnd(target: RunningKafka, produced: number): Promise<number> {
  const admin = clientOf(target).admin()
  await admin.connect()
  const ends = async () => (await admin.fetchTopicOffsets(TOPIC)).reduce((sum, { offset }) => sum + Number(offset), 0)
  const deadline = Date.now() + 300_000
  while ((await ends()) < produced && Date.now() < deadline) await sleep(500)
  const delivered = await ends()
  await admin.disconnect()
  return delivered
}

function verdict(samples: readonly Sample[], produced: number, delivered: number, code: number | null): number {
  const warm = samples.filter(({ second }) => second > WARM_UP_S)
  const half = Math.floor(warm.length / 2)
  const median = (list: readonly Sample[], of: (one: Sample) => number) =>
    list.map(of).sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN
  const [first, second] = [warm.slice(0, half), warm.slice(half)]
  const rss = (one: Sample) => one.rss
  const files = (one: Sample) => one.files
  const peak = Math.max(...samples.map(rss))
  console.log(
    `${minutes} min at ${rate}/s of ${bytes} bytes: ${produced} produced, ${delivered} delivered, exit ${code}`
  )
  console.log(
    `resident: first half ${median(first, rss).toFixed(0)} MB, second half ${median(second, rss).toFixed(0)} MB`
  )
  console.log(
    `peak ${peak.toFixed(0)} MB (limit ${limit} MB); files ${median(first, files)}, then ${median(second, files)}`
  )
  const flat = awayMinutes > 0 || median(second, rss) < median(first, rss) * 1.1 + 5
  const good = delivered >= produced && peak < limit && flat && code === 0
  console.log(good ? 'good' : `NOT GOOD${flat ? '' : ': it grows'}`)
  return good ? 0 : 1
}

function residentMb(pid: number): number {
  return Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}
