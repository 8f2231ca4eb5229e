import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { ztfAlerts } from '../../src/generate/index.ts'
import { PubsubServer } from '../google/server.ts'
import { Program } from '../end-to-end/program.ts'
import {
  describeKafka,
  describePubsub,
  kafka,
  kafkaClient,
  newTopic,
  produce,
  pubsub,
  readTopic
} from '../setup/services.ts'
import { alertstreams, Folder } from './program.ts'

/** A survey's Kafka to a topic of one's own in Pub/Sub, and from there to Kafka. */
function relay(project: string, source: string, target: string) {
  return {
    ALERT_STREAMS: [
      {
        NAME: 'KafkaAlertStream',
        ID: 'consumer',
        OPTIONS: {
          URL: kafka()!.plaintext,
          GROUP_ID: `g-${source}`,
          TOPIC_HANDLERS: { [source]: { SINKS: 'alerts', ALLOW_LOOP: true } }
        }
      },
      {
        NAME: 'PittGoogleAlertStream',
        ID: 'reader',
        OPTIONS: {
          PROJECT: project,
          TOPIC_PROJECT: project,
          SUBSCRIPTION: '{topic}-reader',
          SUBSCRIPTION_FILTER: 'attributes:candid',
          TIMEOUT: 4,
          TOPIC_HANDLERS: { alerts: { SINKS: 'out', DEAD_LETTER: 'letters' } }
        }
      }
    ],
    SINKS: {
      alerts: { NAME: 'PubSubSink', OPTIONS: { PROJECT: project, TOPIC: 'alerts', ATTRIBUTES: ['kafka', 'ids'] } },
      letters: { NAME: 'PubSubSink', OPTIONS: { PROJECT: project, TOPIC: 'letters-of-{topic}' } },
      out: { NAME: 'KafkaSink', OPTIONS: { URL: kafka()!.plaintext, TOPIC: target } }
    }
  }
}

describePubsub('with Pub/Sub and', () =>
  describeKafka('setup and teardown', () => {
    let folder: Folder
    let server: PubsubServer
    let project: string
    let source: string
    let target: string
    beforeEach(async () => {
      vi.stubEnv('PUBSUB_EMULATOR_HOST', pubsub()!.host)
      folder = new Folder()
      server = new PubsubServer(pubsub()!.host)
      project = `p-${randomBytes(4).toString('hex')}`
      source = await newTopic('survey')
      target = `out-${randomBytes(4).toString('hex')}`
      writeFileSync(folder.file('alertstreams.yaml'), stringify(relay(project, source, target)))
    })
    afterEach(() => {
      folder[Symbol.dispose]()
      vi.unstubAllEnvs()
    })
    const run = (...args: string[]) => alertstreams(args, '', folder.path)
    const names = (suffix = '') => [
      `Pub/Sub topic projects/${project}/topics/alerts${suffix}`,
      `Pub/Sub topic projects/${project}/topics/letters-of-alerts${suffix}`,
      `Kafka topic ${target}${suffix} at ${kafka()!.plaintext}`,
      `Pub/Sub subscription projects/${project}/subscriptions/alerts-reader${suffix}`
    ]
    const topicsAtKafka = async () => {
      const admin = kafkaClient().admin()
      await admin.connect()
      const topics = await admin.listTopics()
      await admin.disconnect()
      return topics
    }

    test('what is missing is named, made when that is wanted, and then it is there', async () => {
      const unasked = run('setup')
      expect(unasked.code, 'nobody is there to say yes').toBe(2)
      expect(unasked.errors).toContain('--yes goes ahead')
      expect(unasked.lines).toEqual(names().map((name) => `to make: ${name}`))
      expect(await topicsAtKafka()).not.toContain(target)

      const made = run('setup', '--yes')
      expect(made.errors).toBe('')
      expect(made.lines.slice(4)).toEqual(names().map((name) => `made ${name}`))
      expect(await topicsAtKafka()).toContain(target)
      const subscription = await server.call('GET', `projects/${project}/subscriptions/alerts-reader`)
      expect(subscription).toMatchObject({
        topic: `projects/${project}/topics/alerts`,
        filter: 'attributes:candid'
      })

      const again = run('setup')
      expect(again.code).toBe(0)
      expect(again.lines).toEqual([
        ...names().map((name) => `is there: ${name}`),
        'everything that the configuration needs is there'
      ])
    })

    test('a test run works on things of its own, and only they are removed', async () => {
      expect(run('setup', '--yes').code).toBe(0)
      const made = run('setup', '--testid', 'mine', '--yes')
      expect(made.lines.slice(4)).toEqual(names('-mine').map((name) => `made ${name}`))

      const alerts = [...ztfAlerts(5).take(3)]
      await produce(
        source,
        alerts.map(({ bytes }) => ({ value: Buffer.from(bytes) }))
      )
      const program = new Program(['run', '--testid', 'mine'], folder.path, { PUBSUB_EMULATOR_HOST: pubsub()!.host })
      const written = await readTopic(`${target}-mine`, { count: 3 })
      program.signal('SIGTERM')
      await program.end()
      const sorted = (all: readonly (Uint8Array | null)[]) => all.map((one) => Buffer.from(one!).toString('hex')).sort()
      expect(sorted(written.map(({ value }) => value))).toEqual(sorted(alerts.map(({ bytes }) => bytes)))
      const attributes = Object.fromEntries(written[0]!.headers.map(([name, value]) => [name, String(value)]))
      expect(attributes).toMatchObject({
        'kafka.topic': source,
        'kafka.partition': '0',
        'kafka.offset': expect.stringMatching(/^[012]$/),
        'kafka.timestamp': expect.stringMatching(/^\d{13}$/),
        objectId: expect.stringMatching(/^ZTF/),
        candid: expect.stringMatching(/^\d{19}$/)
      })
      expect(await readTopic(target), 'the usual topic').toEqual([])

      const removed = run('teardown', '--testid', 'mine', '--yes')
      expect(removed.errors).toBe('')
      expect(removed.lines.slice(4)).toEqual(
        names('-mine')
          .toReversed()
          .map((name) => `removed ${name}`)
      )
      expect(run('teardown', '--testid', 'mine', '--yes').lines).toEqual(['nothing of the test run mine is there'])
      expect(run('setup').lines.at(-1)).toBe('everything that the configuration needs is there')
    })

    test('only a test run can be torn down', () => {
      const ended = run('teardown', '--yes')
      expect(ended.code).toBe(2)
      expect(ended.errors).toContain('--testid NAME is missing')
      expect(run('setup', '--testid', 'Not_One').errors).toContain('small letters and digits')
    })
  })
)

describe('without services', () => {
  const configure = (folder: Folder, topics: object, sink: object) =>
    writeFileSync(
      folder.file('alertstreams.yaml'),
      stringify({
        ALERT_STREAMS: [{ NAME: 'ArchiveAlertStream', OPTIONS: { PATH: 'x', TOPIC_HANDLERS: topics } }],
        SINKS: { out: sink }
      })
    )

  test('what patterns of topics need is named', () => {
    using folder = new Folder()
    const table = { NAME: 'BigQuerySink', OPTIONS: { PROJECT: 'me', TABLE: 'ztf.{topic}' } }
    configure(folder, { 'ztf_*': { SINKS: 'out' } }, table)
    const ended = alertstreams(['setup', '--yes'], '', folder.path)
    expect(ended.code).toBe(0)
    expect(ended.lines).toEqual([
      'not known yet: what the sink out needs for the topics ztf_*',
      'everything else that the configuration needs is there'
    ])
  })

  test('a topic that no table can be named after is a problem with a remedy', () => {
    using folder = new Folder()
    const table = { NAME: 'BigQuerySink', OPTIONS: { PROJECT: 'me', TABLE: '{topic}.alerts' } }
    configure(folder, { 'lsst-alerts': { SINKS: 'out' } }, table)
    for (const args of [['setup'], ['teardown', '--testid', 'mine']]) {
      const ended = alertstreams([...args, '--yes'], '', folder.path)
      expect(ended.code).toBe(1)
      expect(ended.errors).toContain('out: "lsst-alerts.alerts" is no table of BigQuery')
      expect(ended.errors).toContain('Correct TABLE.')
      expect(ended.errors).not.toContain('    at ')
    }
  })

  test('a bucket without a project is looked for, too', () => {
    using folder = new Folder()
    vi.stubEnv('STORAGE_EMULATOR_HOST', '127.0.0.1:9')
    configure(
      folder,
      { '*': { SINKS: 'out' } },
      { NAME: 'FileSink', OPTIONS: { PATH: 'gs://a-bucket/', FORMAT: 'raw' } }
    )
    const ended = alertstreams(['setup', '--yes'], '', folder.path)
    vi.unstubAllEnvs()
    expect(ended.code).toBe(1)
    expect(ended.errors).toMatch(/^alertstreams setup: gs:\/\/a-bucket: .*reached from this machine\.\n$/)
  })

  test('what cannot be reached is said, with what to do', () => {
    using folder = new Folder()
    vi.stubEnv('PUBSUB_EMULATOR_HOST', '127.0.0.1:9')
    writeFileSync(
      folder.file('alertstreams.yaml'),
      stringify({
        ALERT_STREAMS: [
          { NAME: 'PittGoogleAlertStream', OPTIONS: { PROJECT: 'me', TOPIC_HANDLERS: { 'ztf-loop': 'log' } } }
        ]
      })
    )
    const ended = alertstreams(['setup', '--yes'], '', folder.path)
    vi.unstubAllEnvs()
    expect(ended.code).toBe(1)
    expect(ended.errors).toContain('projects/me/subscriptions/ztf-loop')
    expect(ended.errors).toContain('Start the emulator at 127.0.0.1:9')
  })
})
