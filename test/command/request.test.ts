import { describe, expect, test } from 'vitest'
import { parseJson } from '../../src/codecs/json-text.ts'
import { codecOf } from '../../src/codecs/usual.ts'
import { requestLine } from '../../src/command/request.ts'
import { ztfAlerts } from '../../src/generate/index.ts'
import { StreamAlert } from '../../src/pipeline/alert.ts'
import { messageOf } from '../fakes/message.ts'

const plain = { cutouts: false, strict: false }
const alertOf = (text: string, over = {}) =>
  new StreamAlert(messageOf(3, { bytes: Buffer.from(text), ...over }), 'night', codecOf('json'), undefined)

describe('a request', () => {
  test('is one line with the alert, its message and the options', () => {
    const alert = alertOf('{"id":1,"text":"a\\nb"}', {
      key: Buffer.from('Objekt Ä'),
      headers: [
        ['a', Buffer.from([0xff])],
        ['a', null],
        ['b', Buffer.from('text')]
      ],
      publishedAt: new Date('2025-03-02T04:05:06.789Z')
    })
    const line = requestLine(17, alert, { limit: 19 }, plain)
    expect(line.indexOf('\n')).toBe(line.length - 1)
    expect(JSON.parse(line)).toEqual({
      call: 17,
      alert: { id: 1, text: 'a\nb' },
      message: {
        stream: 'night',
        topic: 'alerts',
        id: 'alerts/0/3',
        partition: 0,
        offset: '3',
        key: 'Objekt Ä',
        headers: [
          ['a', { base64: '/w==' }],
          ['a', null],
          ['b', 'text']
        ],
        publishedAt: '2025-03-02T04:05:06.789Z'
      },
      options: { limit: 19 }
    })
  })

  test('has every digit of an id, and doubles that cannot be taken for one', () => {
    const text = '{"candid":2982166034333010000,"safe":9007199254740991,"min":-9223372036854775808,"big":1e+20,"x":0.1}'
    expect(requestLine(1, alertOf(text), {}, plain)).toContain(`"alert":${text},`)
  })

  test('has NaN as Python reads it, or null', () => {
    const alert = alertOf('{"a":NaN,"b":[Infinity,-Infinity]}')
    expect(requestLine(1, alert, {}, plain)).toContain('"alert":{"a":NaN,"b":[Infinity,-Infinity]},')
    expect(requestLine(1, alert, {}, { ...plain, strict: true })).toContain('"alert":{"a":null,"b":[null,null]},')
  })

  test('has cut-outs only where they are asked for', () => {
    const [{ bytes } = { bytes: new Uint8Array() }] = ztfAlerts(3).take(1)
    const alert = new StreamAlert(messageOf(1, { bytes }), 'night', codecOf('avro'), undefined)
    const { cutoutScience } = alert.payload() as { cutoutScience: { fileName: string; stampData: Uint8Array } }
    const { fileName, stampData } = cutoutScience
    const read = (style: typeof plain) =>
      (parseJson(requestLine(1, alert, {}, style)) as { alert: { cutoutScience: unknown } }).alert.cutoutScience
    expect(stampData.length).toBeGreaterThan(10)
    expect(read(plain)).toEqual({ fileName })
    expect(read({ ...plain, cutouts: true })).toEqual({
      fileName,
      stampData: Buffer.from(stampData).toString('base64')
    })
  })

  test('has a payload that is bytes, whatever is asked for', () => {
    const alert = new StreamAlert(messageOf(1, { bytes: Buffer.from('GCN') }), 'night', codecOf('bytes'), undefined)
    expect(requestLine(1, alert, {}, plain)).toContain('"alert":"R0NO",')
  })
})
