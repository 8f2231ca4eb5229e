import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/index.ts'
import { parts } from './parts.ts'
import { goodConfig, load, problemsOf, written } from './written.ts'

const stream = (id: string, sink: string) =>
  `ALERT_STREAMS:\n  - NAME: QuietStream\n    ID: ${id}\n    OPTIONS: { GROUP_ID: g, TOPIC_HANDLERS: { a: { SINKS: ${sink} } } }\n`
const sink = (name: string, url: string) =>
  `SINKS:\n  ${name}: { NAME: QuietSink, OPTIONS: { URL: 'kafka://${url}.example/' } }\n`

describe('several files', () => {
  it('are one configuration: maps by key, streams one after the other', async () => {
    const { config, folder } = await load({
      'a.yaml': `${stream('one', 'x')}${sink('x', 'other')}RUNNER: { DRAIN_SECONDS: 5 }\n`,
      'b.yaml': `${stream('two', '[x, y]')}${sink('y', 'third')}RUNNER: { LOG_LEVEL: debug }\n`
    })
    expect(config?.streams.map(({ id }) => id)).toEqual(['one', 'two'])
    expect(config?.sinks.map(({ name, kind }) => [name, kind])).toEqual([
      ['x', 'QuietSink'],
      ['y', 'QuietSink']
    ])
    expect(config?.runner).toEqual({
      bufferBytes: 32_000_000,
      drainSeconds: 5,
      logLevel: 'debug',
      logFormat: 'auto',
      stateDir: join(folder, '.alertstreams'),
      http: undefined
    })
    expect(config?.files).toEqual([join(folder, 'a.yaml'), join(folder, 'b.yaml')])
    expect(config?.baseDir).toBe(folder)
  })

  it('may not give a key twice; both places are named', async () => {
    const problems = await problemsOf({
      'a.yaml': `${stream('one', 'x')}${sink('x', 'other')}`,
      'b.yaml': sink('x', 'third')
    })
    expect(problems).toMatch(/^b\.yaml:2:3: x is given twice; first at a\.yaml:6:3\n/)
  })

  it('each have their own folder for relative paths', async () => {
    const config = await goodConfig({
      'a.yaml': stream('one', 'x') + sink('x', 'other'),
      'sub/b.yaml':
        'ALERT_STREAMS:\n  - NAME: QuietStream\n    OPTIONS: { GROUP_ID: g, TOPIC_HANDLERS: { b: ./own.ts } }\n',
      'sub/own.ts': 'export const own = () => null\n'
    })
    expect(config.streams[1]!.routes[0]!.handler?.name).toBe('./own.ts')
  })
})

describe('a file', () => {
  it('that is not there is a problem that says what to do', async () => {
    const folder = await written({})
    const loaded = await loadConfig([join(folder, 'x.yaml')], { parts })
    expect(loaded.problems).toBe(`${folder}/x.yaml: there is no such file\n  check the path`)
    const byDefault = await loadConfig([], { parts })
    expect(byDefault.problems).toMatch(/^alertstreams\.yaml: there is no such file\n {2}write it, or name another/)
  })

  it('may use anchors and merge keys', async () => {
    const config = await goodConfig(`
ALERT_STREAMS:
  - NAME: QuietStream
    OPTIONS: &options { GROUP_ID: g, TOPIC_HANDLERS: { a: &route { HANDLER: ./pass.ts, TIMEOUT: 5m } } }
  - NAME: QuietStream
    ID: again
    OPTIONS: { <<: *options, GROUP_ID: h, TOPIC_HANDLERS: { b: { <<: *route, CONCURRENCY: 2 } } }
`)
    expect(config.streams[1]!.routes[0]).toMatchObject({ key: 'b', timeout: 300, concurrency: 2 })
    expect(await problemsOf('ALERT_STREAMS: &a [*a]')).toContain('nested too deeply')
  })
})
