import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root, Workplace } from '../end-to-end/program.ts'

/** Rests for the next hours. */
const SCHEDULE = { CRON: `0 ${(new Date().getUTCHours() + 6) % 24} * * *`, FOR: '1h' }

test('dead letters of a stream that rests are retried at once', { timeout: 60_000 }, async () => {
  await using place = new Workplace({
    ALERT_STREAMS: [
      {
        NAME: 'ArchiveAlertStream',
        SCHEDULE,
        DEAD_LETTER: 'dead',
        OPTIONS: {
          PATH: join(root, 'config/demo/ztf-loop'),
          TOPIC_HANDLERS: { '*': { CODEC: 'avro', HANDLER: 'log' } }
        }
      }
    ],
    SINKS: { dead: { NAME: 'FileSink', OPTIONS: { PATH: 'dead.ndjson' } } }
  })
  const run = place.start({ args: ['run', '--now'] })
  expect(await run.end(), run.output).toBe(0)
  const retry = place.start({ args: ['dlq', 'retry'] })
  expect(await retry.end(20), retry.output).toBe(1)
  expect(retry.output).toContain('DECODE_FAILED')
})

test('a process that rests ends at once when it is told to', { timeout: 60_000 }, async () => {
  await using place = new Workplace({
    ALERT_STREAMS: [{ NAME: 'ArchiveAlertStream', SCHEDULE, OPTIONS: { PATH: '.', TOPIC_HANDLERS: { '*': 'log' } } }]
  })
  const program = place.start()
  await program.line(/the next window opens at/)
  program.signal('SIGTERM')
  expect(await program.end(10), program.output).toBe(0)
})
