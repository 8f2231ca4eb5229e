import { describe, expect, test } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import { hopMessageId } from '../../src/codecs/hop.ts'
import { type CodecReport, onCodecReport } from '../../src/codecs/report.ts'
import { candidateContainer, candidateRecord } from './candidate.ts'
import { messageOf } from './message.ts'

const hop = codecOf('hop')
const auto = codecOf('auto')
const event = { ivorn: 'a', role: 'observation', version: '2.0' }

describe('hop reads as hop-client does', () => {
  test.each([
    ['json', '{"a": 1}', { a: 1 }],
    ['JSON', '[1]', [1]],
    ['json', '{"a": NaN}', { a: Number.NaN }],
    ['json', '{"format":"blob","content":1}', { format: 'blob', content: 1 }],
    ['blob', '{"a":1}', Buffer.from('{"a":1}')],
    ['foo', 'any', Buffer.from('any')],
    ['VOEvent', '<voe:VOEvent ivorn="a"/>', { ivorn: 'a', role: 'observation', version: '2.0' }],
    ['voevent', '{"ivorn": "a", "Who": {"Date": "x"}}', { ...event, Who: { Date: 'x' } }],
    ['gcntextnotice', 'TITLE: A\n B\n', { title: 'A\nB' }],
    ['circular', '{"header": {"title": "T"}, "body": "B"}', { header: { title: 'T' }, body: 'B' }],
    ['external', '{"url": "https://archive.example.org/msg/1"}', { url: 'https://archive.example.org/msg/1' }],
    ['blob', '', Buffer.from('')],
    ['json', '472263571115115000', 472263571115115000n],
    [undefined, '{"format":"blob","content":{"x":1}}', { x: 1 }],
    [undefined, '{"format":"json","content":{"content":5}}', 5],
    [undefined, '{"format":"BLOB","content":{"content":5}}', 5],
    [
      undefined,
      '{"format":"circular","content":{"header":{"title":"T"},"body":"B"}}',
      { header: { title: 'T' }, body: 'B' }
    ],
    [undefined, '{"format":"VOEVENT","content":{"ivorn":"a"}}', event],
    [undefined, '{"format":"gcntextnotice","content":{"raw":"a: b","fields":{"a":"b"}}}', { a: 'b' }],
    [undefined, '{"format":"avro","content":{"content":{"x":1}}}', { x: 1 }],
    [undefined, '{"format":"external","content":{"url":"u"}}', { url: 'u' }],
    [undefined, '[{"format":"json","content":1}]', [{ format: 'json', content: 1 }]],
    [undefined, '<voe:VOEvent ivorn="a"/>', Buffer.from('<voe:VOEvent ivorn="a"/>')],
    [undefined, '{"format":"nope","content":7}', 7],
    [undefined, '{"format":"json"}', { format: 'json' }],
    [undefined, '123', 123],
    [undefined, 'hello', Buffer.from('hello')],
    [undefined, '', Buffer.from('')]
  ])('%s %s', (format, body, value) => {
    expect(hop.decode(messageOf(body, format === undefined ? {} : { _format: format }))).toEqual(value)
  })

  test.each([
    ['json', '{bad'],
    ['avro', '{"a":1}'],
    ['json', ''],
    ['circular', '{"header": {}}'],
    ['circular', 'TITLE: x'],
    ['external', '{}'],
    ['voevent', '{"Who": {}}'],
    ['voevent', ''],
    [undefined, '{"format":5,"content":7}'],
    [undefined, '{"format":null,"content":7}'],
    [undefined, '{"format":"json","content":7}'],
    [undefined, '{"format":"BLOB","content":{"x":1}}'],
    [undefined, '{"format":"circular","content":{"body":"B"}}'],
    [undefined, '{"format":"voevent","content":{"Who":{}}}'],
    [undefined, '{"format":"gcntextnotice","content":7}']
  ])('%s %s is refused', (format, body) => {
    const message = messageOf(body, format === undefined ? {} : { _format: format })
    expect(() => hop.decode(message)).toThrow(expect.objectContaining({ code: 'DECODE_FAILED' }))
  })

  test('bytes that are no text', () => {
    expect(hop.decode(messageOf(Buffer.from('fffe', 'hex')))).toEqual(Buffer.from('fffe', 'hex'))
  })

  test('the first label counts; one without a value, or that is no text', () => {
    const headers = [
      ['_format', Buffer.from('json')],
      ['_format', Buffer.from('blob')]
    ] as const
    expect(hop.decode({ ...messageOf('1'), headers })).toBe(1)
    expect(hop.decode({ ...messageOf('1'), headers: [['_format', null]] })).toBe(1)
    const foreign = { ...messageOf('1'), headers: [['_format', Buffer.from([0xff])]] as const }
    expect(() => hop.decode(foreign)).toThrow(expect.objectContaining({ code: 'DECODE_FAILED' }))
  })

  test('several Avro records are a list', () => {
    const message = messageOf(candidateContainer('null', 2), { _format: 'AVRO' })
    expect(hop.decode(message)).toEqual([candidateRecord, candidateRecord])
  })

  test('an unknown label is reported once', () => {
    const reports: CodecReport[] = []
    const stop = onCodecReport((report) => reports.push(report))
    for (let time = 0; time < 3; time++) hop.decode(messageOf('x', { _format: 'snews-tier' }))
    stop()
    expect(reports.filter(({ codec, subject }) => codec === 'hop' && subject === 'SNEWS-TIER')).toHaveLength(1)
  })
})

test('the id that hop-client gives a message', () => {
  const id = Buffer.from('24d66f476d564ded97e77c1c8f1156e9', 'hex')
  expect(hopMessageId([['_id', id]])).toBe('24d66f47-6d56-4ded-97e7-7c1c8f1156e9')
  expect(hopMessageId([['_id', Buffer.from('short')]])).toBeUndefined()
  expect(hopMessageId([])).toBeUndefined()
})

describe('auto', () => {
  test('a label comes before the bytes', () => {
    expect(auto.decode(messageOf('{"a":1}', { _format: 'blob' }))).toEqual(Buffer.from('{"a":1}'))
  })

  test.each([
    ['\uFEFF {"a":1}', { a: 1 }],
    ['\n-1', -1],
    ['NaN', Number.NaN],
    ['null', null]
  ])('%j is JSON', (text, value) => {
    expect(auto.decode(messageOf(text))).toEqual(value)
  })

  test.each(['<xml/>', 'TITLE: GCN NOTICE', '', '\0\0\0\u0004L', 'notice'])('%j is refused', (text) => {
    expect(() => auto.decode(messageOf(text))).toThrow(expect.objectContaining({ code: 'DECODE_FAILED' }))
  })

  test('what can be told is named', () => {
    const remedy = expect.stringMatching(/JSON.*Avro.*_format/)
    expect(() => auto.decode(messageOf('<xml/>'))).toThrow(expect.objectContaining({ remedy }))
  })
})
