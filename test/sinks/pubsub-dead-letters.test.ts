import { expect, test } from 'vitest'
import type { Headers } from '../../src/contract/alert.ts'
import { Workplace } from '../end-to-end/program.ts'
import { Mailbox } from '../google/mailbox.ts'
import { describePubsub, pubsub } from '../setup/services.ts'

const HANDLERS = {
  'broken.js': "export default () => { throw new Error('the model has no weights: ' + 'ö'.repeat(2000)) }"
}

const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64')

/** A message as an archive holds it. */
function line(offset: number, value: Uint8Array, headers: Headers): string {
  const written = headers.map(([name, bytes]) => [name, bytes && base64(bytes)])
  const place = { topic: 'ztf', partition: 3, offset: String(offset), timestamp: '2025-03-02T04:15:03.004Z' }
  return JSON.stringify({ ...place, key: base64('ZTF21aaa'), headers: written, value: base64(value) })
}

const env = () => ({ PUBSUB_EMULATOR_HOST: pubsub()!.host })

function config(project: string, options: object = {}): object {
  return {
    ALERT_STREAMS: [
      {
        NAME: 'ArchiveAlertStream',
        ID: 'night',
        OPTIONS: {
          PATH: 'night.ndjson',
          TOPIC_HANDLERS: { ztf: { HANDLER: './broken.js', RETRY: { ATTEMPTS: 2, BACKOFF: '10ms' } } }
        },
        DEAD_LETTER: 'dead'
      }
    ],
    SINKS: { dead: { NAME: 'PubSubSink', OPTIONS: { PROJECT: project, TOPIC: 'dead-letters', ...options } } }
  }
}

describePubsub('dead letters in Pub/Sub', () => {
  test('have the original bytes, its key and headers, and why', { timeout: 60_000 }, async () => {
    const mailbox = await Mailbox.open(pubsub()!.host, 'dead-letters')
    const value = Buffer.from([0x4f, 0x62, 0x6a, 1, 0, 254])
    const headers: Headers = [
      ['_format', Buffer.from('avro')],
      ['_id', Buffer.from([1, 200])],
      ['none', null]
    ]
    const files = { ...HANDLERS, 'night.ndjson': `${line(17, value, headers)}\n` }
    await using place = new Workplace(config(mailbox.project), files)
    const program = place.start({ env: env() })
    expect(await program.end(), program.output).toBe(0)
    const [letter, ...others] = await mailbox.all()
    expect(others).toEqual([])
    expect(letter!.data).toEqual(value)
    const { 'alertstreams-reason': reason, 'alertstreams-stack': stack, ...attributes } = letter!.attributes
    expect(attributes).toEqual({
      _format: 'avro',
      '_id.base64': base64(Buffer.from([1, 200])),
      'none.null': '',
      'alertstreams-key': 'ZTF21aaa',
      'alertstreams-code': 'HANDLER_FAILED',
      'alertstreams-stream': 'night',
      'alertstreams-topic': 'ztf',
      'alertstreams-partition': '3',
      'alertstreams-offset': '17',
      'alertstreams-id': expect.stringMatching(/\S/),
      'alertstreams-route': 'ztf',
      'alertstreams-attempts': '2',
      'alertstreams-timestamp': '2025-03-02T04:15:03.004Z'
    })
    expect(reason).toMatch(/the model has no weights: ö+$/)
    expect(Buffer.byteLength(reason!)).toBeLessThanOrEqual(1024)
    expect(stack).toMatch(/^Error: the model has no weights/)
    expect(place.account().streams.night!.topics.ztf).toMatchObject({ received: 1, deadLettered: 1 })

    const listing = place.start({ args: ['dlq', 'ls', 'alertstreams.yaml'], env: env() })
    expect(await listing.end(), listing.output).toBe(0)
    expect(listing.output).toMatch(/dead \(PubSubSink\) cannot be read back: dlq reads files and Kafka topics/)
    expect(listing.output).toMatch(/^no dead letters \(not counted: dead\)$/m)
  })

  test('that Pub/Sub can never hold go to the file of last resort', { timeout: 60_000 }, async () => {
    const mailbox = await Mailbox.open(pubsub()!.host, 'dead-letters')
    const value = Buffer.from([0x4f, 0x62, 0x6a, 1])
    const headers: Headers = Array.from({ length: 101 }, (_, n) => [`header-${n}`, Buffer.from([n])])
    const files = { ...HANDLERS, 'night.ndjson': `${line(1, value, headers)}\n${line(2, value, [])}\n` }
    await using place = new Workplace(config(mailbox.project), files)
    const program = place.start({ env: env() })
    expect(await program.end(), program.output).toBe(0)
    await program.line(/the dead letter sink refused it .*more than 100 attributes.*kept in/, { level: 50 })
    expect((await mailbox.all()).map(({ attributes }) => attributes['alertstreams-offset'])).toEqual(['2'])
    const listing = place.start({ args: ['dlq', 'ls', 'alertstreams.yaml'], env: env() })
    expect(await listing.end(), listing.output).toBe(0)
    expect(listing.output).toMatch(/HANDLER_FAILED {2}.*the model has no weights/)
    expect(listing.output).toMatch(/^1 dead letter \(not counted: dead\)$/m)
  })
})

test.each([
  ['the same project', 'ours', 'ztf', /a loop: dead writes ztf to pubsub:ours, where the stream source reads it/],
  ['another project', 'theirs', 'ztf', undefined],
  ['no name for a topic', 'ours', 'no', /TOPIC: "no" is no name/],
  ['no project', '', 'out-{topic}', /no Google Cloud project/]
])('check finds: %s', async (_, PROJECT, TOPIC, problem) => {
  await using place = new Workplace({
    ALERT_STREAMS: [
      {
        NAME: 'PittGoogleAlertStream',
        ID: 'source',
        OPTIONS: { PROJECT: 'me', TOPIC_PROJECT: 'ours', TOPIC_HANDLERS: { ztf: { SINKS: 'dead' } } },
        ON_FAILURE: 'skip'
      }
    ],
    SINKS: { dead: { NAME: 'PubSubSink', OPTIONS: { PROJECT, TOPIC } } }
  })
  const program = place.start({ args: ['check', 'alertstreams.yaml'] })
  expect(await program.end(), program.output).toBe(problem === undefined ? 0 : 2)
  if (problem) expect(program.output).toMatch(problem)
})
