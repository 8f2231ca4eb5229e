import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeTextNotice, encodeTextNotice } from '../../src/codecs/gcn/text-notice.ts'
import { usualLimits } from '../../src/codecs/limits.ts'

const decode = (text: string | Buffer) => decodeTextNotice(Buffer.from(text as string))

describe('a text notice is read as hop-client does', () => {
  test.each([
    ['', {}],
    [' \n ', {}],
    ['no colon', {}],
    ['A:b', { a: 'b' }],
    [
      'SRC_RA:  103.7d {+06h} (J2000),\n         104.1d (current)',
      { src_ra: '103.7d {+06h} (J2000),\n104.1d (current)' }
    ],
    ['COMMENTS:  one.  \nCOMMENTS:  two.  ', { comments: 'one.\ntwo.' }],
    ['a: 1\n  b  \nc: 2', { a: '1\nb  ', c: '2' }],
    ['a: x\n at 05:33 UT', { a: 'x', 'at 05': '33 UT' }],
    ['URL: https://a.example:80/', { url: 'https://a.example:80/' }],
    ['before\na: b', { a: 'b' }],
    [': x\n:y', { '': 'x\ny' }],
    ['a: b\r\nc: d\re: f', { a: 'b', c: 'd', e: 'f' }],
    ['a: b\u0085c: d\u2028e: f\x0bg: h\x1ci: j', { a: 'b', c: 'd', e: 'f', g: 'h', i: 'j' }],
    ['a: b\n\nc', { a: 'b\n\nc' }],
    ['a:\u00a0b\u3000', { a: 'b' }],
    ['constructor: x', { constructor: 'x' }],
    ['\ufeffa: b', { a: 'b' }]
  ])('%j', (text, fields) => {
    expect(decode(text)).toEqual(fields)
  })

  test('bytes that are no UTF-8 are refused, or replaced where that is asked for', () => {
    const bytes = Buffer.from('A: caf\xe9', 'latin1')
    expect(() => decode(bytes)).toThrow(expect.objectContaining({ code: 'DECODE_FAILED' }))
    expect(decodeTextNotice(bytes, usualLimits, 'lenient')).toEqual({ a: 'caf\ufffd' })
  })

  test('too many lines are refused', () => {
    const text = Buffer.from('a:\n'.repeat(usualLimits.values + 1))
    expect(() => decodeTextNotice(text)).toThrow(expect.objectContaining({ code: 'DECODE_FAILED' }))
  })

  test('__proto__ is a field like any other', () => {
    expect(Object.entries(decode('__proto__: x'))).toEqual([['__proto__', 'x']])
  })
})

describe('writing a text notice', () => {
  test('aligns values, continues lines and repeats the name before a line with a colon', () => {
    const fields = { title: 'GCN NOTICE', src_ra: '1d (J2000),\n2d (current)', comments: 'a\nb: c', num: 5 }
    expect(Buffer.from(encodeTextNotice(fields)).toString()).toBe(
      'TITLE:            GCN NOTICE\n' +
        'SRC_RA:           1d (J2000),\n' +
        '                  2d (current)\n' +
        'COMMENTS:         a\n' +
        'COMMENTS:         b: c\n' +
        'NUM:              5\n'
    )
  })

  test('whatever was read is read back the same', () => {
    const notice = fc.string({
      unit: fc.constantFrom('a', 'B', ':', ': ', ' ', '\n', '\r\n', '\t', 'é', 'KEY:', '\n  '),
      maxLength: 40
    })
    fc.assert(
      fc.property(notice, (text) => {
        const fields = decode(text)
        expect(decodeTextNotice(encodeTextNotice(fields))).toEqual(fields)
      }),
      { numRuns: 1000 }
    )
  })
})

const sample = '../shared/data/hop/example_gcn.txt'
describe.skipIf(!existsSync(sample))('the notice of an IceCube alert (skipped where ../shared/data is absent)', () => {
  test('is read', () => {
    const notice = decode(readFileSync(sample))
    expect(notice).toMatchObject({ title: 'GCN/AMON NOTICE', event_num: '10803235', signalness: '3.0910e-01 [dn]' })
    expect(notice.src_ra?.split('\n')).toHaveLength(3)
    expect(decodeTextNotice(encodeTextNotice(notice))).toEqual(notice)
  })
})
