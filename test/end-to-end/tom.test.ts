import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { describeTom2, PASSWORD, tom } from '../services/tom.ts'
import { describeKafkaSasl, newTopic, produce, withAdmin } from '../setup/services.ts'
import { dataOf } from '../tom-api/data.ts'
import { ends, hasCommitted, newName, scram, sum } from './kafka.ts'
import { until, Workplace } from './program.ts'

const GROUP = 'alice-a-tom'

/** As Hermes publishes it: photometry of a few objects, and the headers of hop-client. */
function published(topic: string, names: readonly string[], day: number) {
  const date = (hour: number) => new Date(Date.UTC(2024, 1, day, hour)).toISOString().replace('.000Z', '+00:00')
  const seen = { telescope: 'P48', instrument: 'ZTF', bandpass: 'r', brightness_unit: 'AB mag' }
  const photometry = names.flatMap((target_name) => [
    { target_name, ...seen, date_obs: date(1), brightness: 18.21, brightness_error: 0.04 },
    { target_name, ...seen, date_obs: date(2), limiting_brightness: 20.5 }
  ])
  const targets = names.map((name, index) => ({
    name,
    ra: 100 + day + index / 10,
    dec: 15.2832185,
    aliases: [`${name}x`]
  }))
  const body = { title: 'Photometry', topic, submitter: 'J. Doe', authors: '', data: { targets, photometry } }
  const headers = [
    ['topic', Buffer.from(topic)],
    ['_id', randomBytes(16)],
    ['_format', Buffer.from('json')]
  ] as const
  return { value: JSON.stringify(body), headers }
}

const VALUES = [
  { error: 0.04, filter: 'r', telescope: 'P48', instrument: 'ZTF', unit: 'AB mag', magnitude: 18.21 },
  { error: '', filter: 'r', telescope: 'P48', instrument: 'ZTF', unit: 'AB mag', limit: 20.5 }
]

describeKafkaSasl('from a Hopskotch topic', () => {
  describeTom2('to a TOM', () => {
    test('targets and photometry arrive, through a crash too, and the same message twice makes no second datum', {
      timeout: 180_000
    }, async () => {
      const running = await tom(2)
      const topic = await newTopic('tomtoolkit')
      const objects = Array.from({ length: 12 }, (_, number) => newName(`AT2024${number}`))
      const messages = objects.map((name, number) => published(topic, [name, objects[(number + 1) % 12]!], number + 1))
      // Half of the messages come twice, and all of them before the second life.
      await produce(topic, [...messages, ...messages.slice(0, 6)])
      await using place = new Workplace({
        ALERT_STREAMS: [
          {
            NAME: 'HopskotchAlertStream',
            OPTIONS: {
              ...scram('alice'),
              GROUP_ID: GROUP,
              SESSION_TIMEOUT: '6s',
              START_POSITION: 'EARLIEST',
              TOPIC_HANDLERS: { [topic]: { HANDLER: 'hermes-alert', SINKS: 'tom' } }
            },
            DEAD_LETTER: 'dead'
          }
        ],
        SINKS: {
          tom: {
            NAME: 'TomSink',
            OPTIONS: { URL: running.url, USERNAME: 'observer', PASSWORD, CREATE_TARGETS: true, TARGET_LIST: topic }
          },
          dead: { NAME: 'FileSink', OPTIONS: { PATH: 'dead.ndjson' } }
        }
      })
      const first = place.start()
      await until(
        () => dataOf(running).length > 8,
        'the first data',
        60,
        () => first.output
      )
      await first.kill()

      const second = place.start()
      await produce(topic, messages.slice(6))
      const end = sum(await withAdmin((admin) => ends(admin, topic)))
      await until(hasCommitted(GROUP, topic, end), 'all messages', 90, () => second.output)
      second.signal('SIGTERM')
      expect(await second.end(), second.output).toBe(0)

      const { balanced, sinks } = place.account()
      expect(balanced).toBe(true)
      expect(sinks.tom).toMatchObject({ rejected: 0 })
      expect(place.everything()).not.toContain(PASSWORD)
      const targets = running.query(`SELECT t.name FROM tom_targets_basetarget t
        JOIN tom_targets_targetlist_targets x ON x.basetarget_id = t.id
        JOIN tom_targets_targetlist l ON l.id = x.targetlist_id WHERE l.name = '${topic}'`)
      expect(targets.map(({ name }) => name).toSorted()).toEqual(objects.toSorted())
      const data = dataOf(running).filter(({ source_name }) => source_name === topic)
      expect(data.map(({ value }) => JSON.parse(value))).toEqual(
        data.map(({ value }) => VALUES[value.includes('limit') ? 1 : 0])
      )
      const kept = data.map(({ target, timestamp }) => `${target} ${timestamp}`)
      expect(new Set(kept).size).toBe(kept.length)
      // Two messages speak of each object, with two data each.
      expect(kept).toHaveLength(objects.length * 4)
    })
  })
})
