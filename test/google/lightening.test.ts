import { expect, test } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import { passesOver } from '../../src/google/classtar.ts'
import { pubsubFields } from '../../src/google/fields.ts'
import { shaped } from '../../src/google/lightening.ts'
import { messageOf } from '../fakes/message.ts'

const ALERT = {
  objectId: 'ZTF17aaarzyp',
  candid: 2982177112815010003n,
  candidate: { jd: 2460736.6771181, ra: 97.8890196, dec: -2.798349, magpsf: 15.8836, classtar: 0.997, rb: 0.9 },
  prv_candidates: null
}
const PLAIN = { LIGHTEN_ALERTS: false, ZTF_FIELDS: undefined, SAVE_METADATA: false }
const LISTS = {
  'top-level': ['candid'],
  candidate: ['rb'],
  metadata: ['message_id', 'publish_time', 'kafka.timestamp']
}

const codec = codecOf('json')
function message(alert: unknown, time = '2021-10-08T16:20:45.123Z') {
  return messageOf(1, {
    id: '42',
    bytes: codec.encode(alert).bytes,
    publishedAt: new Date(time),
    headers: [['kafka.timestamp', Buffer.from('1633710045000')]]
  })
}

/** The value of an option as the configuration would read it. */
function read<Name extends keyof typeof pubsubFields>(name: Name, given: unknown): unknown {
  const result = pubsubFields[name].read(given)
  return 'value' in result ? result.value : result
}

test('a light alert has seven fields in their order, and the id all its digits', () => {
  const light = shaped(codec, { ...PLAIN, LIGHTEN_ALERTS: true }).decode(message(ALERT))
  const { rb, ...candidate } = ALERT.candidate
  expect(light).toEqual({ objectId: ALERT.objectId, candid: ALERT.candid, ...candidate })
  expect(Object.keys(light as object)).toEqual(['objectId', 'candid', 'jd', 'ra', 'dec', 'magpsf', 'classtar'])
})

test('ZTF_FIELDS replaces the lists, metadata lie beside the fields, and what a message lacks of them is left out', () => {
  const fields = { ...LISTS, metadata: [...LISTS.metadata, 'kafka.offset'] }
  const light = shaped(codec, { ...PLAIN, ZTF_FIELDS: fields }).decode(message(ALERT))
  expect(light).toEqual({
    candid: ALERT.candid,
    rb: 0.9,
    message_id: '42',
    publish_time: '2021-10-08 16:20:45.123000+00:00',
    'kafka.timestamp': '1633710045000'
  })
})

test('SAVE_METADATA adds a record to whole alerts and to light ones', () => {
  const metadata = {
    message_id: '42',
    publish_time: '2021-10-08 16:20:45+00:00',
    attributes: { 'kafka.timestamp': '1633710045000' }
  }
  const whole = message(ALERT, '2021-10-08T16:20:45Z')
  expect(shaped(codec, { ...PLAIN, SAVE_METADATA: true }).decode(whole)).toEqual({ ...ALERT, metadata })
  const light = shaped(codec, { ...PLAIN, LIGHTEN_ALERTS: true, SAVE_METADATA: true }).decode(whole)
  expect(light).toMatchObject({ candid: ALERT.candid, metadata })
})

test.each([
  ['a missing field', { ...ALERT, candidate: { ...ALERT.candidate, classtar: undefined } }, 'candidate.classtar'],
  ['no candidate', { objectId: 'a', candid: 1 }, 'candidate.jd'],
  ['no record', [1], 'no record']
])('%s makes a light alert fail', (_, alert, said) => {
  const light = shaped(codec, { ...PLAIN, LIGHTEN_ALERTS: true })
  expect(() => light.decode(message(alert))).toThrow(
    expect.objectContaining({ code: 'DECODE_FAILED', message: expect.stringContaining(said) })
  )
})

test('without these options the codec is the one it was', () => {
  expect(shaped(codec, PLAIN)).toBe(codec)
})

test.each([
  ['lt', 0.5, [0, 0.49]],
  ['gt', 0.5, [0.5, 0.51, 1]],
  ['lt', 0, []],
  ['gt', 0, [0, 0.49, 0.5, 0.51, 1]]
] as const)('classtar %s %d keeps %j', (side, limit, kept) => {
  const over = passesOver(codec, { CLASSTAR_THRESHOLD: limit, CLASSTAR_GT_LT: side })
  const scores = [0, 0.49, 0.5, 0.51, 1]
  expect(scores.filter((classtar) => !over(message({ candidate: { classtar } })))).toEqual(kept)
})

test('without the score an alert is passed over, without a threshold none is, and broken bytes are seen to fail', () => {
  const over = passesOver(codec, { CLASSTAR_THRESHOLD: 0.5, CLASSTAR_GT_LT: 'gt' })
  expect(over(message({ candidate: { classtar: null } }))).toBe(true)
  expect(over(message({}))).toBe(true)
  expect(over(messageOf(2, { bytes: Buffer.from('{') }))).toBe(false)
  expect(passesOver(codec, { CLASSTAR_THRESHOLD: undefined, CLASSTAR_GT_LT: 'lt' })(message({}))).toBe(false)
})

test.each([
  ['CLASSTAR_THRESHOLD', '0.5', 0.5],
  ['CLASSTAR_THRESHOLD', 1.1, { problem: 'expected 0 to 1' }],
  ['CLASSTAR_GT_LT', 'GT', 'gt'],
  ['MAX_RESULTS', 0, { problem: 'expected 1 or more' }],
  ['MAX_RESULTS', '100', 100],
  ['SAVE_METADATA', 'yes', true],
  ['SAVE_METADATA', 'perhaps', { problem: 'expected yes or no' }],
  ['SUBSCRIPTION_FILTER', 'é'.repeat(129), { problem: expect.stringContaining('256 bytes') }],
  ['START_POSITION', '-6h', { written: '-6h', at: -21_600_000 }],
  ['START_POSITION', '2021-10-08T16:20:45', { written: '2021-10-08T16:20:45', at: Date.UTC(2021, 9, 8, 16, 20, 45) }],
  ['START_POSITION', 'LATEST', { problem: expect.stringContaining('ISO time') }],
  ['START_POSITION', '2999-01-01', { problem: expect.stringContaining('future') }],
  ['ZTF_FIELDS', LISTS, LISTS],
  ['ZTF_FIELDS', { candidate: [] }, { problem: expect.stringContaining('top-level') }],
  ['ZTF_FIELDS', { ...LISTS, extra: [] }, { problem: expect.stringContaining('extra') }],
  ['ZTF_FIELDS', { ...LISTS, candidate: ['candid'] }, { problem: expect.stringContaining('candid is there twice') }],
  ['ZTF_FIELDS', { ...LISTS, metadata: 'all' }, { problem: expect.stringContaining('metadata must be a list') }]
] as const)('%s: %j is %j', (name, given, expected) => {
  expect(read(name, given)).toEqual(expected)
})
