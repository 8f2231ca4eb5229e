import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hermesProblems } from '../../src/index.ts'
import { root } from '../docs/blocks.ts'
import { Workshop } from '../docs/workshop.ts'
import { HermesService } from './hermes-service.ts'

interface Account {
  readonly balanced: boolean
  readonly streams: Record<string, { topics: Record<string, Record<string, number>> }>
  readonly sinks: Record<string, Record<string, number>>
}

/** Runs a configuration to its end as a user does. */
async function run(workshop: Workshop, config: object): Promise<{ status: unknown; log: string; account: Account }> {
  workshop.write('run.yaml', JSON.stringify(config))
  const args = [join(root, 'bin/alertstreams.js'), 'run', 'run.yaml', '--account', 'account.json']
  const { promise, resolve } = Promise.withResolvers<{ status: unknown; log: string }>()
  const options = { cwd: workshop.folder, env: { ...process.env, HERMES_API_KEY: 'the-secret-key' } }
  execFile(process.execPath, args, options, (error, _, stderr) => resolve({ status: error?.code ?? 0, log: stderr }))
  const ended = await promise
  return { ...ended, account: JSON.parse(readFileSync(join(workshop.folder, 'account.json'), 'utf8')) }
}

test('alerts reach Hermes through all its faults: none is lost, and each repetition is in the log', {
  timeout: 90_000
}, async () => {
  await using service = await HermesService.start()
  service.token = 'the-secret-key'
  const workshop = new Workshop()
  onTestFinished(() => workshop.remove())
  const tree = { data: { targets: [{ ra: ['A valid number is required.'] }] } }
  service.next(
    'take it',
    { status: 429, body: '', headers: { 'Retry-After': '1' } },
    'take it',
    'publish and answer 502',
    'take it',
    { status: 400, body: tree },
    'publish and hang up',
    { status: 503, body: '' }
  )
  const routes = {
    'ztf-loop': { HANDLER: 'hermes-message', OPTIONS: { HISTORY: true }, SINKS: 'hermes', RETRY: { ATTEMPTS: 1 } }
  }
  const PATH = join(root, 'config/demo/ztf-loop')
  const hermes = { BASE_URL: service.url, HERMES_API_KEY: '$' + '{HERMES_API_KEY}', TOPIC: 'hermes.test' }
  const { status, log, account } = await run(workshop, {
    ALERT_STREAMS: [{ NAME: 'ArchiveAlertStream', OPTIONS: { PATH, TOPIC_HANDLERS: routes }, DEAD_LETTER: 'dead' }],
    SINKS: {
      hermes: { NAME: 'HermesSink', OPTIONS: hermes },
      dead: { NAME: 'FileSink', OPTIONS: { PATH: 'dead.ndjson' } }
    }
  })
  expect(status, log).toBe(0)
  expect(account.balanced).toBe(true)
  // One packet of the demo is broken, and Hermes has refused one.
  expect(account.streams['archive-alert-stream']!.topics['ztf-loop']).toMatchObject({
    received: 100,
    delivered: 98,
    deadLettered: 2
  })
  expect(account.sinks.hermes).toMatchObject({ taken: 99, written: 98, rejected: 1 })
  const letters = readFileSync(join(workshop.folder, 'dead.ndjson'), 'utf8').trim().split('\n')
  expect(letters.map((line) => JSON.parse(line).reason as string)).toContainEqual(
    expect.stringMatching(/data\.targets\[0\]\.ra: A valid number is required/)
  )

  const ids = service.published.map(({ message }) => (message.data as { alertstreams_id: string }).alertstreams_id)
  expect(new Set(ids).size).toBe(98)
  expect(ids).toHaveLength(100)
  const repeated = ids.filter((id, index) => ids.indexOf(id) < index)
  for (const id of repeated) expect(log).toContain(id)
  expect(log).not.toContain('the-secret-key')
  for (const { message } of service.published) expect(hermesProblems(message)).toEqual([])
})

test('DATA_SHARING alone: no route names it, a handler does, and it is opened with the first message', {
  timeout: 60_000
}, async () => {
  await using service = await HermesService.start()
  service.token = 'the-secret-key'
  const workshop = new Workshop()
  onTestFinished(() => workshop.remove())
  const handler = `export default (alert) => {
    const { objectId, candidate } = alert.payload()
    if (candidate.magpsf >= 17) return
    const value = { title: objectId, submitter: 'me', topic: 'hermes.test', data: {} }
    return { sink: 'hermes', value }
  }`
  workshop.write('bright.js', handler)
  const PATH = join(root, 'config/demo/ztf-loop')
  const OPTIONS = { PATH, TOPIC_HANDLERS: { 'ztf-loop': { HANDLER: './bright.js', ON_FAILURE: 'skip' } } }
  const { status, log, account } = await run(workshop, {
    ALERT_STREAMS: [{ NAME: 'ArchiveAlertStream', OPTIONS }],
    DATA_SHARING: {
      hermes: { BASE_URL: service.url, HERMES_API_KEY: '$' + '{HERMES_API_KEY}', DEFAULT_AUTHORS: 'J. Doe' },
      // Nobody is there, and nobody is missed.
      'hermes-dev': { BASE_URL: 'http://127.0.0.1:9/', HERMES_API_KEY: '$' + '{HERMES_API_KEY}' }
    }
  })
  expect(status, log).toBe(0)
  expect(log).not.toMatch(/hermes-dev is unavailable/)
  const { delivered } = account.streams['archive-alert-stream']!.topics['ztf-loop']!
  expect(delivered).toBeGreaterThan(0)
  expect(service.published).toHaveLength(delivered!)
  for (const { message } of service.published) expect(message).toMatchObject({ authors: 'J. Doe' })
  expect(account.sinks.hermes).toMatchObject({ written: delivered })
  expect(account.sinks['hermes-dev']).toMatchObject({ taken: 0, retries: 0 })
})
