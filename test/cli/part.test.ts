import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { alertstreams, Folder } from './program.ts'

/** Two archives of one message each; the second is read in a minute of the year 2099 only. */
function twoStreams(folder: Folder) {
  const stream = (id: string, more: object) => {
    const value = Buffer.from(`{"from":"${id}"}`).toString('base64')
    writeFileSync(folder.file(`${id}-in.ndjson`), `${JSON.stringify({ topic: 't', value, headers: [] })}\n`)
    const options = { PATH: `${id}-in.ndjson`, TOPIC_HANDLERS: { t: { SINKS: id } } }
    return { NAME: 'ArchiveAlertStream', ID: id, OPTIONS: options, ...more }
  }
  const config = {
    ALERT_STREAMS: [stream('day', {}), stream('night', { SCHEDULE: { CRON: '0 0 1 1 *', FOR: '1s' } })],
    SINKS: {
      day: { NAME: 'FileSink', OPTIONS: { PATH: 'day.ndjson', FORMAT: 'payload' } },
      night: { NAME: 'FileSink', OPTIONS: { PATH: 'night.ndjson', FORMAT: 'payload' } }
    }
  }
  writeFileSync(folder.file('alertstreams.yaml'), stringify(config))
}

test('one stream of several runs, and its sinks alone are opened', () => {
  using folder = new Folder()
  twoStreams(folder)
  const { code, errors } = alertstreams(['run', '--stream', 'day'], '', folder.path)
  expect(code, errors).toBe(0)
  expect(readFileSync(folder.file('day.ndjson'), 'utf8')).toBe('{"from":"day"}\n')
  expect(existsSync(folder.file('night.ndjson'))).toBe(false)
})

test('--now runs a stream outside of its hours', () => {
  using folder = new Folder()
  twoStreams(folder)
  const { code, errors } = alertstreams(['run', '--stream', 'night', '--now'], '', folder.path)
  expect(code, errors).toBe(0)
  expect(readFileSync(folder.file('night.ndjson'), 'utf8')).toBe('{"from":"night"}\n')
})

test('a stream that is not there is named, with those that are', () => {
  using folder = new Folder()
  twoStreams(folder)
  for (const command of ['run', 'setup']) {
    const { code, errors } = alertstreams([command, '--stream', 'dusk'], '', folder.path)
    expect(code).toBe(2)
    expect(errors).toContain('there is no active stream dusk; there are day, night')
  }
})

test('a sink that no active stream names is opened at the start only where a handler may name it', () => {
  using folder = new Folder()
  twoStreams(folder)
  const errorsOf = (route: object) => {
    const OPTIONS = { PATH: 'day-in.ndjson', TOPIC_HANDLERS: { t: route } }
    const sink = (path: string) => ({ NAME: 'FileSink', OPTIONS: { PATH: path } })
    const config = {
      ALERT_STREAMS: [{ NAME: 'ArchiveAlertStream', OPTIONS }],
      SINKS: { named: sink('named.ndjson'), spare: sink('spare.ndjson') }
    }
    writeFileSync(folder.file('one.yaml'), stringify(config))
    const { code, errors } = alertstreams(['run', 'one.yaml'], '', folder.path)
    expect(code, errors).toBe(0)
    expect(errors).toContain('named.ndjson')
    return errors
  }
  expect(errorsOf({ SINKS: 'named' })).not.toContain('spare.ndjson')
  expect(errorsOf({ HANDLER: 'log', SINKS: 'named' })).toContain('spare.ndjson')
})
