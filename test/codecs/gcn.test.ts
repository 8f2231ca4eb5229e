import { describe, expect, test } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import { packetOf } from './gcn-packet.ts'
import { messageOf } from './message.ts'

const gcn = codecOf('gcn')
const decode = (topic: string, body: string | Buffer) => gcn.decode({ ...messageOf(body), topic })
const refused = expect.objectContaining({ code: 'DECODE_FAILED' })

describe('the topic says how the bytes are read', () => {
  const xml = '<voe:VOEvent ivorn="a" role="test"/>'
  const event = { ivorn: 'a', role: 'test', version: '2.0' }

  test.each([
    ['gcn.classic.text.SWIFT_BAT_GRB_POS_ACK', 'TITLE: x', { title: 'x' }],
    ['gcn.classic.text.LVC_INITIAL', Buffer.from('A: \xe9', 'latin1'), { a: '\ufffd' }],
    ['gcn.classic.voevent.FERMI_GBM_ALERT', xml, event],
    ['gcn.notices.svom.voevent.grm', xml, event],
    ['gcn.notices.swift.bat.guano', '{"ra": 1, "extra": NaN}', { ra: 1, extra: Number.NaN }],
    ['gcn.circulars', '{"circularId": 33603.5}', { circularId: 33603.5 }],
    ['gcn.circulars.gamma-ray_transient', '{"circularId": 1}', { circularId: 1 }],
    ['gcn.heartbeat', '{"alert_datetime": "2024-07-25T15:50:35Z"}', { alert_datetime: '2024-07-25T15:50:35Z' }],
    ['something.else', '[472263571115115000]', [472263571115115000n]],
    ['something.else', '<a/>', Buffer.from('<a/>')],
    ['gcn.classic.textual', 'TITLE: x', Buffer.from('TITLE: x')]
  ])('%s %s', (topic, body, value) => {
    expect(decode(topic, body)).toEqual(value)
  })

  test.each([
    ['gcn.classic.voevent.X', 'TITLE: x'],
    ['gcn.classic.binary.X', 'TITLE: x'],
    ['gcn.notices.svom.grm', xml],
    ['gcn.circulars', 'TITLE: x'],
    ['gcn.heartbeat', ''],
    ['igwn.gwalert', xml]
  ])('%s %s is refused', (topic, body) => {
    expect(() => decode(topic, body)).toThrow(refused)
  })
})

describe('a packet', () => {
  // Swift BAT position of trigger 1234567 at RA 103.7861 and Dec -5.8716 degrees, TJD 20412, 20026.89 s.
  const words = [61, 1, 2, 2_003_500, 1_234_567, 20_412, 2_002_689, 1_037_861, -58_716, 425]

  test('has its words, and names for the first nine', () => {
    const value = decode('gcn.classic.binary.SWIFT_BAT_GRB_POS_ACK', packetOf(words))
    expect(value).toEqual({
      packet_type: 61,
      serial_number: 1,
      hop_count: 2,
      seconds_of_day: 20_035,
      trigger_number: 1_234_567,
      tjd: 20_412,
      sod: 20_026.89,
      ra: 103.7861,
      dec: -5.8716,
      words: [...words, ...Array(30).fill(0)]
    })
  })

  test('is read wherever it lies in memory', () => {
    const odd = Buffer.concat([Buffer.from([1]), packetOf(words)]).subarray(1)
    expect(decode('gcn.classic.binary.X', odd)).toMatchObject({ packet_type: 61 })
  })

  test.each([0, 159, 161, 320])('of %i bytes is refused', (length) => {
    expect(() => decode('gcn.classic.binary.X', Buffer.alloc(length))).toThrow(refused)
  })
})

describe('a gravitational-wave alert', () => {
  const fits = Uint8Array.from(Buffer.from('SIMPLE  =                    T'))
  const other = Uint8Array.of(0, 255, 62, 63)
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  const alert = (skymap: unknown, combined: unknown) => ({
    alert_type: 'PRELIMINARY',
    superevent_id: 'MS181101ab',
    event: { far: 9.1e-14, skymap },
    external_coinc: { gcn_notice_id: 524666471, combined_skymap: combined }
  })
  const read = (value: unknown) => decode('igwn.gwalert', JSON.stringify(value))

  test('has its sky maps as bytes, and writes them as base64', () => {
    const opened = alert(fits, other)
    const written = alert(base64(fits), base64(other))
    expect(read(written)).toEqual(opened)
    expect(JSON.parse(Buffer.from(gcn.encode(opened).bytes).toString())).toEqual(written)
  })

  test('with base64 in lines, or without padding', () => {
    const digits = base64(fits)
    expect(read(alert(digits.replace(/.{8}/g, '$&\r\n'), base64(other).replace(/=/g, '')))).toEqual(alert(fits, other))
  })

  test.each([
    ['a retraction', { alert_type: 'RETRACTION', event: null, external_coinc: null }],
    ['none yet', { event: { skymap: null }, external_coinc: {} }],
    ['no record', [1]]
  ])('without sky maps is as it is: %s', (_title, value) => {
    expect(read(value)).toEqual(value)
  })

  test.each(['????', 'AAA=AAAA', 'A', 'é'.repeat(8)])('is refused where %j stands for a sky map', (text) => {
    expect(() => read(alert(text, null))).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/event\.skymap/) })
    )
  })

  test('of a megabyte is read at once', () => {
    const large = new Uint8Array(1_500_000).fill(83)
    const before = process.cpuUsage()
    expect((read(alert(base64(large), null)) as ReturnType<typeof alert>).event.skymap).toEqual(large)
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(1000)
    expect(() => read(alert('='.repeat(1_500_000), null))).toThrow(refused)
  })
})
