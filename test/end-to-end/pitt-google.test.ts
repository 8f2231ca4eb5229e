import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ztfAlerts } from '../../src/generate/index.ts'
import { parseJson } from '../../src/codecs/json-text.ts'
import { PubsubServer } from '../google/server.ts'
import { bigquery, callBigquery } from '../services/bigquery.ts'
import { describeBigquery, describePubsub, pubsub } from '../setup/services.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alertstreams-pitt-google-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The program with a configuration, until it ends by itself. */
async function program(
  command: readonly string[],
  yaml: string,
  env: Readonly<Record<string, string>>
): Promise<Ended> {
  const file = join(folder, 'streams.yaml')
  writeFileSync(file, yaml)
  const [name = '', ...more] = command
  const bin = join(import.meta.dirname, '../../bin/alertstreams.js')
  const options = { env: { ...process.env, ...env }, timeout: 60_000 }
  return promisify(execFile)(process.execPath, [bin, name, file, ...more], options).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: Ended) => ({ code, stdout, stderr })
  )
}

function written(name: string): readonly Record<string, unknown>[] {
  const lines = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n')
  return lines.map((line) => parseJson(line) as Record<string, unknown>)
}

describePubsub('a TOM of 2021 with Pitt-Google', () => {
  const TOPIC = 'ztf-loop'

  async function published(count: number) {
    const server = new PubsubServer(pubsub()!.host)
    const project = await server.newTopic(TOPIC)
    await server.newSubscription(project, TOPIC)
    const all = [...ztfAlerts(11).take(count)]
    const ids = await server.publish(
      project,
      TOPIC,
      all.map(({ bytes }) => ({ key: null, headers: [], bytes }))
    )
    const env = { PUBSUB_EMULATOR_HOST: pubsub()!.host, GOOGLE_CLOUD_PROJECT: project }
    return { server, project, ids, alerts: all.map(({ alert }) => alert), env }
  }

  test.each([
    'tom_pittgoogle.broker_stream_python.BrokerStreamPython',
    'tom_pittgoogle.broker_stream_rest.BrokerStreamRest'
  ])('%s runs with the fields of its form, and ends', { timeout: 90_000 }, async (name) => {
    const { server, project, ids, alerts, env } = await published(30)
    const yaml = `
ALERT_STREAMS:
  - NAME: ${name}
    OPTIONS:
      subscription_name: ztf-loop
      classtar_threshold: 0.8
      classtar_gt_lt: lt
      max_results: 4
      timeout: 20
      max_backlog: 10
      save_metadata: 'yes'
      lighten_alerts: true
      TOPIC_HANDLERS: { ztf-loop: { HANDLER: payload, SINKS: saved } }
SINKS: { saved: { NAME: FileSink, OPTIONS: { PATH: saved.jsonl, FORMAT: payload } } }
`
    const ended = await program(['run'], yaml, env)
    expect(ended).toMatchObject({ code: 0 })
    const saved = written('saved.jsonl')
    expect(saved).toHaveLength(4)
    const byId = new Map(alerts.map((alert) => [String(alert.candid), alert]))
    for (const { metadata, ...light } of saved) {
      const { objectId, candid, candidate } = byId.get(String(light.candid))!
      const { jd, ra, dec, magpsf, classtar } = candidate
      expect(light).toMatchObject({ objectId, candid, jd, ra, dec })
      expect(light.magpsf).toBeCloseTo(magpsf, 4)
      expect(light.classtar).toBeCloseTo(classtar, 4)
      expect(light.classtar).toBeLessThan(0.8)
      expect(metadata).toMatchObject({
        message_id: expect.any(String),
        publish_time: expect.stringMatching(/\+00:00$/)
      })
    }
    const left = await server.unfinished(project, TOPIC, ids)
    expect(left.length).toBeGreaterThan(0)
    expect(left.length).toBeLessThanOrEqual(26)
  })

  test('unsubscribe deletes what streams have at Google, and only when told so', { timeout: 60_000 }, async () => {
    const { server, project, env } = await published(1)
    const stream = (name: string, id: string, subscription: string) =>
      `  - { NAME: ${name}, ID: ${id}, OPTIONS: { SUBSCRIPTION: ${subscription}, TOPIC_HANDLERS: { ztf-loop: log } } }`
    const yaml = `ALERT_STREAMS:
${stream('PittGoogleAlertStream', 'one', "'{topic}'")}
${stream('PittGoogleRestAlertStream', 'two', 'never-made')}
  - { NAME: ArchiveAlertStream, OPTIONS: { PATH: x, TOPIC_HANDLERS: { '*': log } } }
`
    const path = `projects/${project}/subscriptions/${TOPIC}`
    const asked = await program(['unsubscribe'], yaml, env)
    expect(asked.stdout).toContain(`one: ${path}: would be deleted`)
    expect(asked.stdout).toContain('Nothing was deleted')
    await server.call('GET', path)

    const other = await program(['unsubscribe', '--yes', '--stream', 'two'], yaml, env)
    expect(other.stdout).toBe(`two: projects/${project}/subscriptions/never-made: was not there\n`)
    await server.call('GET', path)

    const done = await program(['unsubscribe', '--yes'], yaml, env)
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining(`one: ${path}: deleted`) })
    expect(done.stdout).toContain('archive-alert-stream: has no subscriptions')
    await expect(server.call('GET', path)).rejects.toThrow('404')
    expect((await program(['unsubscribe', '--stream', 'three'], yaml, env)).code).toBe(2)
  })
})

describeBigquery('a TOM of 2021 with the database of Pitt-Google', () => {
  test('BrokerDatabasePython runs with the fields of its form, and ends', { timeout: 200_000 }, async () => {
    const host = await bigquery()
    const project = 'tom'
    await callBigquery(host, `projects/${project}/datasets`, {
      datasetReference: { projectId: project, datasetId: 'ztf' }
    })
    const schema = {
      fields: [
        { name: 'objectId', type: 'STRING' },
        { name: 'candid', type: 'INTEGER' },
        { name: 'candidate', type: 'RECORD', fields: [{ name: 'jd', type: 'FLOAT' }] }
      ]
    }
    const tables = `projects/${project}/datasets/ztf/tables`
    await callBigquery(host, tables, {
      tableReference: { projectId: project, datasetId: 'ztf', tableId: 'alerts' },
      schema
    })
    const rows = Array.from({ length: 5 }, (_, n) => ({
      json: { objectId: 'ZTF17aaarzyp', candid: `298217711281501000${n}`, candidate: { jd: 2_460_736 + n } }
    }))
    await callBigquery(host, `${tables}/alerts/insertAll`, { rows })
    const yaml = `
ALERT_STREAMS:
  - NAME: tom_pittgoogle.broker_database_python.BrokerDatabasePython
    OPTIONS:
      TABLE: tom.ztf.alerts
      COLUMNS: [objectId, candid, candidate.jd]
      objectId: ZTF17aaarzyp
      max_results: 3
      TOPIC_HANDLERS: { ztf.alerts: { SINKS: saved } }
SINKS: { saved: { NAME: FileSink, OPTIONS: { PATH: saved.jsonl, FORMAT: payload } } }
`
    const ended = await program(['run', '--processes', '2'], yaml, {
      BIGQUERY_EMULATOR_HOST: host,
      GOOGLE_CLOUD_PROJECT: project
    })
    expect(ended).toMatchObject({ code: 0 })
    // Of the first process: the query is not divided.
    const files = readdirSync(folder).filter((name) => name.startsWith('saved'))
    expect(files).toHaveLength(1)
    expect(written(files[0]!)).toEqual(
      [4, 3, 2].map((n) => ({
        objectId: 'ZTF17aaarzyp',
        candid: 2982177112815010000n + BigInt(n),
        candidate: { jd: 2_460_736 + n }
      }))
    )
  })
})
