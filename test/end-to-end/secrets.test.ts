import { expect, test } from 'vitest'
import { describeKafkaSasl, kafka, newTopic, produce } from '../setup/services.ts'
import { hasCommitted, newName, scram } from './kafka.ts'
import { until, Workplace } from './program.ts'

/** Passwords that work are secrets too. */
const CANARIES = { yaml: 'canary-in-yaml-$&', env: 'canary"in\\env', file: 'canary in the file' } as const
const SECRETS = [...Object.values(CANARIES), 'canary', 'alice-secret', 'bob-secret']

const variable = (name: string) => `\${${name}}`

describeKafkaSasl('secrets', () => {
  test('none is in the log at level debug, nor in the account', { timeout: 60_000 }, async () => {
    const [topic, out, group] = [await newTopic('secrets'), await newTopic('secrets-out'), newName('group')]
    const refused = (id: string, options: object) => ({
      NAME: 'HopskotchAlertStream',
      ID: id,
      OPTIONS: { ...scram('alice'), PASSWORD: undefined, ...options, TOPIC_HANDLERS: { [topic]: 'log' } }
    })
    const source = { ...scram('alice'), PASSWORD: undefined, PASSWORD_FILE: 'alice', GROUP_ID: group }
    await using place = new Workplace(
      {
        ALERT_STREAMS: [
          refused('yaml', { PASSWORD: CANARIES.yaml }),
          refused('env', { PASSWORD: variable('CANARY'), MECHANISM: 'PLAIN' }),
          refused('file', {
            PASSWORD_FILE: 'canary',
            URL: kafka()!.saslPlaintext,
            TLS: false,
            SSL_CA_LOCATION: undefined
          }),
          {
            NAME: 'HopskotchAlertStream',
            ID: 'good',
            OPTIONS: { ...source, START_POSITION: 'EARLIEST', TOPIC_HANDLERS: { [topic]: { SINKS: ['out', 'no'] } } }
          }
        ],
        SINKS: {
          out: { NAME: 'KafkaSink', OPTIONS: { ...scram('bob'), PASSWORD: variable('BOB'), TOPIC: out } },
          no: { NAME: 'KafkaSink', OPTIONS: { ...scram('bob'), PASSWORD: CANARIES.yaml, TOPIC: out } }
        },
        RUNNER: { LOG_LEVEL: 'debug', DRAIN_SECONDS: 1 }
      },
      { alice: 'alice-secret\n', canary: `${CANARIES.file}\n` }
    )
    await produce(topic, [{ value: '{"n":1}' }])
    const program = place.start({ env: { CANARY: CANARIES.env, BOB: 'bob-secret' } })
    for (const stream of ['yaml', 'env', 'file']) await program.line(/^stream failed/, { stream, level: 50 })
    await program.line(/unavailable/, { sink: 'no' })
    await program.line(/kafkajs/, { level: 20 })
    await until(() => program.lines.some(({ msg }) => /reads as group/.test(msg)), 'the good stream')
    program.signal('SIGTERM')
    expect(await program.end(), program.output).toBe(1)
    expect(await hasCommitted(group, topic, 1)(), 'one of its sinks has not answered').toBe(false)
    expect(place.account().streams.good!.state).toBe('stopped')
    for (const secret of SECRETS) {
      for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
        expect(place.everything()).not.toContain(form)
    }
  })
})

test.each(['kafka://alice:canary@localhost/', 'alice:ca/nary@localhost', 'kafka://alice:can@ry@localhost:9092'])(
  'a password in a URL is refused before anything starts, and not shown',
  async (url) => {
    const OPTIONS = { URL: url, TOPIC_HANDLERS: { topic: 'log' } }
    await using place = new Workplace({ ALERT_STREAMS: [{ NAME: 'HopskotchAlertStream', OPTIONS }] })
    const program = place.start()
    expect(await program.end()).toBe(2)
    expect(program.output).toMatch(/holds no password here.*\n.*\n.*\^/)
    expect(program.output).not.toMatch(/can|ry@/)
  }
)
