import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { QuietStream } from './parts.ts'
import { setupOf } from './setup.ts'
import { handlerSetup } from '../fakes/handler-setup.ts'
import { goodConfig, load, onlyStream, problemsOf, routeOf } from './written.ts'

const own = resolve('test/config/own')

describe('the settings of a route', () => {
  const text = `
DEFAULTS: { TIMEOUT: 10s, CONCURRENCY: 2, DEAD_LETTER: rejects, RETRY: { ATTEMPTS: 7 }, DEDUPE: { KEY: msg.key, WINDOW: 2h } }
ALERT_STREAMS:
  - NAME: QuietStream
    CONCURRENCY: 4
    SINKS: out
    OPTIONS:
      GROUP_ID: g
      TOPIC_HANDLERS:
        plain: ./pass.ts
        own:
          HANDLER: ./pass.ts
          CONCURRENCY: 8
          TIMEOUT: 500ms
          RETRY: { BACKOFF: 2s }
          DEAD_LETTER: null
          ON_FAILURE: skip
          SINKS: [out, rejects]
          FIELDS: [candidate.drb, objectId]
          CODEC: avro
          FILTER: candidate.drb > 0.8
          KEY: objectId
          ORDER_BY: none
          DEDUPE: { KEY: candid }
          OPTIONS: { limit: 19.5, bands: [g, r] }
        republished: {}
SINKS: { out: { NAME: QuietSink, OPTIONS: { KEY: objectId, TOPIC: relayed } }, rejects: { NAME: QuietSink } }
`
  it('come from the route, else the stream, else DEFAULTS', async () => {
    const config = await goodConfig(text)
    expect(routeOf(config, 'plain')).toMatchObject({
      concurrency: 4,
      timeout: 10,
      deadLetter: 'rejects',
      onFailure: 'stop',
      sinks: ['out'],
      retry: { attempts: 7, backoff: 1 },
      options: {},
      filter: undefined,
      orderBy: undefined,
      dedupe: { key: { source: 'msg.key' }, window: 7200 }
    })
    expect(routeOf(config, 'own')).toMatchObject({
      concurrency: 8,
      timeout: 0.5,
      deadLetter: undefined,
      onFailure: 'skip',
      sinks: ['out', 'rejects'],
      fields: [['candidate', 'drb'], ['objectId']],
      retry: { attempts: 3, backoff: 2 },
      codec: expect.any(Function),
      filter: { source: 'candidate.drb > 0.8' },
      publishKey: { source: 'objectId' },
      orderBy: 'none',
      dedupe: { key: { source: 'candid' }, window: 86400 },
      options: { limit: 19.5, bands: ['g', 'r'] }
    })
    expect(routeOf(config, 'republished')).toMatchObject({ handler: undefined, sinks: ['out'] })
    expect(onlyStream(config)).toMatchObject({ id: 'quiet-stream', deadLetter: 'rejects', onFailure: 'stop' })
    expect(config.sinks.map(({ key }) => key?.source)).toEqual(['objectId', undefined])
  })

  it('that are inherited and wrong are told once', async () => {
    const problems = await problemsOf(text.replace('TIMEOUT: 10s', 'TIMEOUT: soon'))
    expect(problems.match(/TIMEOUT: expected/g)).toHaveLength(1)
  })
})

it.each(['CONCURRENCY: 0', 'TIMEOUT: 0s', 'RETRY: { ATTEMPTS: 0 }', 'DEDUPE: { KEY: id, WINDOW: 0 }'])(
  '%s is refused',
  async (setting) => {
    const text = `ALERT_STREAMS: [{ NAME: QuietStream, OPTIONS: { GROUP_ID: g, TOPIC_HANDLERS: { a: { HANDLER: ./pass.ts, ${setting} } } } }]`
    expect(await problemsOf(text)).toMatch(/[A-Z]+ must be more than 0/)
  }
)

describe('a handler', () => {
  const handler = async (reference: string) =>
    routeOf(
      await goodConfig(
        `ALERT_STREAMS: [{ NAME: QuietStream, OPTIONS: { GROUP_ID: g, TOPIC_HANDLERS: { a: "${reference}" } } }]`
      ),
      'a'
    ).handler

  it('is the named export, else the default one, else the only function', async () => {
    const { brighten } = await import('./own/handlers.ts')
    const only = await import('./own/one.ts')
    expect((await handler(`${own}/handlers.ts#brighten`))?.open(handlerSetup()).call).toBe(brighten)
    expect((await handler(`${own}/one.ts`))?.open(handlerSetup()).call).toBe(only.default)
    expect((await handler(`${own}/one.ts#also`))?.open(handlerSetup()).call).toBe(only.also)
  })

  it('may be one of ours, also by the name that a TOM has for it', async () => {
    const log = await handler('log')
    expect(log?.name).toBe('log')
    expect((await handler('tom_alertstreams.alertstreams.hopskotch.alert_logger'))?.name).toBe('log')
    expect((await handler('tom_alertstreams.alertstreams.hopskotch.heartbeat_handler'))?.name).toBe('heartbeat')
  })
})

describe('a stream', () => {
  it('under the name of a TOM is told about unknown options, but taken', async () => {
    const { config } = await load(`
ALERT_STREAMS:
  - ACTIVE: True
    NAME: tom_alertstreams.alertstreams.hopskotch.HopskotchAlertStream
    OPTIONS:
      URL: kafka://kafka.scimma.org/
      GROUP_ID: alice-mytom
      OLD_OPTION: 1
      START_POSITION: earliest
      TOPIC_HANDLERS: { '*': ./pass.ts }
`)
    expect(config?.warnings.map((text) => text.split('\n')[0]!.replace(/^\S+ /, ''))).toEqual([
      'OLD_OPTION is ignored: it is no option of QuietStream'
    ])
    expect(onlyStream(config!).id).toBe('quiet-stream')
  })

  it('runs when its SCHEDULE says, in which null is as good as left out', async () => {
    const stream = async (schedule: string) =>
      onlyStream(
        await goodConfig(
          `ALERT_STREAMS: [{ NAME: QuietStream, SCHEDULE: ${schedule}, OPTIONS: { GROUP_ID: g, TOPIC_HANDLERS: { a: ./pass.ts } } }]`
        )
      )
    const noon = new Date('2026-03-01T18:00:00Z')
    const opens = async (schedule: string) => (await stream(schedule)).schedule?.next(noon)?.opens.toISOString()
    expect(await opens('null')).toBeUndefined()
    expect(await opens('{ CRON: 0 2 * * *, FOR: 10h }')).toBe('2026-03-02T02:00:00.000Z')
    expect(await opens('{ CRON: 0 2 * * *, FOR: 24h, TIMEZONE: America/Los_Angeles }')).toBe('2026-03-01T10:00:00.000Z')
    const palomar = await opens('{ SUN_BELOW: -12, SITE: Palomar }')
    expect(palomar).toMatch(/^2026-03-02T02:38/)
    const place = '{ LATITUDE: 33.3563, LONGITUDE: -116.8650, ELEVATION: 1712 }'
    expect(await opens(`{ SUN_BELOW: -12, SITE: ${place} }`)).toBe(palomar)
  })

  it('of a class of the user is made with its checked options', async () => {
    const text = `ALERT_STREAMS: [{ NAME: ${own}/stream.ts#OwnAlertStream, OPTIONS: { GROUP_ID: g, NIGHT: 20261122, SSL_CA_LOCATION: ca.pem, TOPIC_HANDLERS: { a: ./pass.ts } } }]`
    const config = await goodConfig(text)
    const stream = onlyStream(config).make(setupOf(config))
    expect(onlyStream(config).id).toBe('own-alert-stream')
    expect(stream).toBeInstanceOf(QuietStream)
    expect((stream as QuietStream).options).toMatchObject({
      NIGHT: '20261122',
      SSL_CA_LOCATION: join(config.baseDir, 'ca.pem'),
      START_POSITION: 'LATEST'
    })
    expect(await problemsOf(text.replace('NIGHT: 20261122, ', ''))).toContain('OwnAlertStream needs NIGHT')
    expect(await problemsOf(text.replace('OwnAlert', 'OwnAlrt'))).toContain('did you mean OwnAlertStream?')
  })

  it('without topics, or with nothing at all, is a problem', async () => {
    const problems = await problemsOf('ALERT_STREAMS:\n  - NAME: QuietStream\n  - {}\n')
    expect(problems).toContain('a.yaml:2:11: QuietStream needs GROUP_ID\n')
    expect(problems).toContain('a.yaml:2:11: the stream has no TOPIC_HANDLERS')
    expect(problems).toContain('a.yaml:3:5: the stream has no NAME')
    expect(await problemsOf('SINKS: {}')).toContain('there are no ALERT_STREAMS')
  })
})
