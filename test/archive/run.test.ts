import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { create } from 'tar'
import { expect, test } from 'vitest'
import { root, Workplace } from '../end-to-end/program.ts'

interface CloudLine {
  readonly severity: string
  readonly message: string
  readonly 'logging.googleapis.com/labels': Readonly<Record<string, string>>
}

test('a cut archive: what is whole is delivered, the rest is named, the exit code is 1; logged for Google', async () => {
  await using place = new Workplace({
    ALERT_STREAMS: [
      {
        NAME: 'ArchiveAlertStream',
        ID: 'replay',
        OPTIONS: { PATH: 'night.tar.gz', TOPIC_HANDLERS: { '*': { FILTER: 'candidate.drb >= 0.0', SINKS: 'out' } } },
        DEAD_LETTER: 'dead'
      }
    ],
    SINKS: {
      out: { NAME: 'FileSink', OPTIONS: { PATH: 'out.ndjson' } },
      dead: { NAME: 'FileSink', OPTIONS: { PATH: 'dead.ndjson' } },
      // A secret that stands in lines: the name of the file.
      unused: {
        NAME: 'KafkaSink',
        OPTIONS: { URL: 'localhost:1', USERNAME: 'u', PASSWORD: 'night.tar.gz', TOPIC: 't' }
      }
    },
    RUNNER: { LOG_FORMAT: 'gcp', LOG_LEVEL: 'debug' }
  })
  const file = join(place.folder, 'night.tar.gz')
  await create({ cwd: join(root, 'config/demo'), file, gzip: true }, ['ztf-loop'])
  const whole = readFileSync(file)
  writeFileSync(file, whole.subarray(0, whole.length / 2))
  const program = place.start()
  expect(await program.end(), program.output).toBe(1)
  const account = place.account()
  expect(account.balanced).toBe(true)
  const { received, delivered, deadLettered, filtered, givenBack } = account.streams.replay!.topics['ztf-loop']!
  expect(received).toBeGreaterThan(20)
  expect(received).toBeLessThan(80)
  expect([delivered + deadLettered + filtered, givenBack]).toEqual([received, 0])
  expect(place.read('out.ndjson').trimEnd().split('\n')).toHaveLength(delivered)
  const lines = program.output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as CloudLine)
  const errors = lines.filter(({ severity }) => severity === 'ERROR').map(({ message }) => message)
  expect(errors[0]).toMatch(/^\*\*\* cannot be read from byte \d+ on: unexpected end of file$/)
  expect(errors[1]).toMatch(/^stream failed: not all of the archive could be read: \*\*\* cannot be read from byte/)
  expect(program.output).not.toContain('night.tar.gz')
  const labels = lines
    .filter(({ message }) => message.startsWith('stream failed'))
    .map((line) => line['logging.googleapis.com/labels'])
  expect(labels).toEqual([{ log: 'replay', stream: 'replay', code: 'ARCHIVE_DAMAGED' }])
})
