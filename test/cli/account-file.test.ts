import { expect, test } from 'vitest'
import { Workplace } from '../end-to-end/program.ts'

test('the account holds no secret, whatever a failure quotes', { timeout: 60_000 }, async () => {
  const line = JSON.stringify({ topic: 'a', value: Buffer.from('{}').toString('base64') })
  const route = { HANDLER: { COMMAND: ['/bin/sh', 'quoting.sh'] }, RETRY: { ATTEMPTS: 1 } }
  await using place = new Workplace(
    {
      ALERT_STREAMS: [
        { NAME: 'ArchiveAlertStream', ID: 'night', OPTIONS: { PATH: 'in.ndjson', TOPIC_HANDLERS: { a: route } } }
      ],
      SINKS: {
        away: {
          NAME: 'KafkaSink',
          OPTIONS: { URL: '127.0.0.1:1', USERNAME: 'me', PASSWORD: 'open-sesame', TLS: false, TOPIC: 'out' }
        }
      }
    },
    {
      'in.ndjson': `${line}\n`,
      'quoting.sh': `echo '{"ready": true}'; read -r request; echo "not known: open-sesame" >&2; exit 1\n`
    }
  )
  const program = place.start()
  expect(await program.end(), program.output).toBe(1)
  expect(place.account().streams.night!.reason).toContain('it said last: not known: ***')
  expect(program.output).not.toContain('open-sesame')
})
