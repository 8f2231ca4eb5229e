import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeVoEvent, encodeVoEvent } from '../../src/codecs/gcn/voevent.ts'
import { usualLimits } from '../../src/codecs/limits.ts'

const voevent = (inside: string, attributes = 'ivorn="a"') =>
  `<voe:VOEvent xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0" ${attributes}>${inside}</voe:VOEvent>`
const decode = (text: string | Buffer, limits = usualLimits) => decodeVoEvent(Buffer.from(text as string), limits)
const failure = (reason: RegExp) =>
  expect.objectContaining({ code: 'DECODE_FAILED', message: expect.stringMatching(reason) })

describe('an element of a VOEvent', () => {
  test.each([
    ['<Who/>', null],
    ['<Who></Who>', null],
    ['<Who>  \n </Who>', null],
    ['<Who> a b\n </Who>', 'a b'],
    ['<Who>1.50</Who>', '1.50'],
    ['<Who>x &lt;&amp;&#65;</Who>', 'x <&A'],
    ['<Who> <![CDATA[ <x> ]]> </Who>', '<x>'],
    ['<Who a="1">t</Who>', { a: '1', '#text': 't' }],
    ['<Who a=""/>', { a: '' }],
    ['<Who>a<B/>c</Who>', { B: null, '#text': 'ac' }],
    ['<Who>a<!-- b --><?c d?>e</Who>', 'ae'],
    ['<Who><P n="1"/></Who>', { P: { n: '1' } }],
    ['<Who><P n="1"/><Q/><P/><P>x</P></Who>', { P: [{ n: '1' }, null, 'x'], Q: null }],
    ['<Who P="1"><P>2</P></Who>', { P: ['1', '2'] }],
    ['<Who x:a="1" xmlns:x="u"><x:b>c</x:b></Who>', { 'x:a': '1', 'xmlns:x': 'u', 'x:b': 'c' }],
    ['<Who>\u00a0x\ufeff\u0085</Who>', 'x\ufeff'],
    ['<Who><constructor/><toString>x</toString></Who>', { constructor: null, toString: 'x' }]
  ])('%s is as xmltodict gives it', (xml, value) => {
    expect(decode(voevent(xml)).Who).toEqual(value)
  })

  test('named __proto__ is a field like any other', () => {
    const who = decode(voevent('<Who><__proto__ a="1"/><__proto__/></Who>')).Who as object
    expect(Object.getPrototypeOf(who)).toBe(Object.prototype)
    expect(Object.getOwnPropertyDescriptor(who, '__proto__')?.value).toEqual([{ a: '1' }, null])
  })
})

describe('a VOEvent', () => {
  test('has what is left out, and not what has a colon at its top', () => {
    expect(decode(voevent('<a:Who/>'))).toEqual({ ivorn: 'a', role: 'observation', version: '2.0' })
    expect(decode(voevent('', 'ivorn="b" role="test" version="2.1"'))).toEqual({
      ivorn: 'b',
      role: 'test',
      version: '2.1'
    })
  })

  test('keeps elements that the standard does not know', () => {
    expect(decode(voevent('<Extra>1</Extra>'))).toMatchObject({ Extra: '1' })
  })

  test.each([
    ['ISO-8859-1', 'latin1'],
    ['UTF-16', 'utf16le']
  ] as const)('is read in %s', (name, encoding) => {
    const mark = encoding === 'utf16le' ? '\ufeff' : ''
    const text = `${mark}<?xml version="1.0" encoding="${name}"?>${voevent('<Who>é</Who>')}`
    expect(decode(Buffer.from(text, encoding)).Who).toBe('é')
  })

  test.each([
    ['another prefix', '<v:VOEvent ivorn="a"/>', /root element/],
    ['no prefix', '<VOEvent ivorn="a"/>', /root element/],
    ['no ivorn', voevent('', ''), /ivorn/],
    ['nothing in it', '<voe:VOEvent/>', /empty/],
    ['no bytes', '', /root element/],
    ['an element that does not end', voevent('<Who>'), /./],
    ['an unknown entity', voevent('<Who>&nbsp;</Who>'), /entity/],
    ['two roots', voevent('') + voevent(''), /root/],
    ['bytes that are no UTF-8', Buffer.from(voevent('<Who>é</Who>'), 'latin1'), /./],
    ['an unknown encoding', `<?xml version="1.0" encoding="klingon"?>${voevent('')}`, /klingon/]
  ])('with %s is refused', (_title, text, reason) => {
    expect(() => decode(text)).toThrow(failure(reason))
  })

  test('that is neither XML nor the old JSON is refused for its XML', () => {
    expect(() => decode('{"Who": {}}')).toThrow(failure(/^(?!.*JSON).*1:\d+/))
  })
})

describe('a bomb is refused:', () => {
  const entities = Array.from({ length: 10 }, (_, level) => `<!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`)

  test.each([
    ['entities', `<!DOCTYPE x [<!ENTITY e0 "x">${entities.join('')}]>${voevent('<Who>&e10;</Who>')}`],
    ['a file', `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>${voevent('<Who>&e;</Who>')}`]
  ])('%s', (_title, text) => {
    expect(() => decode(text)).toThrow(failure(/document type/))
  })

  test('depth', () => {
    const nested = (depth: number) => voevent('<a>'.repeat(depth) + '</a>'.repeat(depth))
    expect(decode(nested(usualLimits.depth - 1))).toHaveProperty('a')
    expect(() => decode(nested(usualLimits.depth))).toThrow(failure(/deeper than 100/))
    expect(() => decode('<a>'.repeat(300_000))).toThrow(failure(/deeper/))
  })

  test('many elements or attributes', () => {
    const limits = { ...usualLimits, values: 1000 }
    const attributes = Array.from({ length: 1000 }, (_, index) => `a${index}="1"`).join(' ')
    expect(decode(voevent('<a/>'.repeat(990)), limits).a).toHaveLength(990)
    expect(() => decode(voevent('<a/>'.repeat(1000)), limits)).toThrow(failure(/more than 1000/))
    expect(() => decode(voevent(`<a ${attributes}/>`), limits)).toThrow(failure(/more than 1000/))
  })
})

describe('writing a VOEvent', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '1', ' ', '<', '&', '"', "'", ']]>', '\n', '\t', 'é', '😀') })
  const inside = text.map((value) => value.trim()).filter((value) => value !== '')
  const { node } = fc.letrec((tie) => ({
    node: fc.oneof({ maxDepth: 3, withCrossShrink: true }, fc.constant(null), inside, tie('element')),
    element: fc
      .tuple(
        fc.dictionary(fc.constantFrom('name', 'value', 'unit', 'xmlns:q', 'xsi:type'), text),
        fc.dictionary(
          fc.constantFrom('Param', 'Description', 'q:Group', '#text', 'C1'),
          fc.oneof(tie('node'), fc.array(tie('node'), { minLength: 2, maxLength: 3 }))
        )
      )
      .map(([attributes, children]): object => ({ ...attributes, ...children, '#text': 'x', name: 'y' }))
  }))

  test('any record of elements and attributes is read back as it was', () => {
    fc.assert(
      fc.property(node, (What) => {
        const event = { ivorn: 'ivo://a/b#c', role: 'test', version: '2.0', What }
        expect(decodeVoEvent(encodeVoEvent(event))).toEqual(event)
      })
    )
  })

  test('declares its namespace and makes attributes of what the standard has as such', () => {
    expect(
      Buffer.from(
        encodeVoEvent({ ivorn: 'a', What: { Param: { name: 'n', value: 1.5 } }, Who: { Date: new Date(0) } })
      ).toString()
    ).toBe(
      '<?xml version="1.0" encoding="utf-8"?>\n' +
        '<voe:VOEvent xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0" ivorn="a" role="observation" version="2.0">' +
        '<What><Param name="n" value="1.5"/></What><Who><Date>1970-01-01T00:00:00.000Z</Date></Who></voe:VOEvent>'
    )
  })

  test.each([
    ['a name that XML has no place for', { ivorn: 'a', What: { 'a b': 'c' } }],
    ['an element that VOEvent has no place for', { ivorn: 'a', Extra: 'c' }],
    ['the same in XML', voevent('<Extra/>')],
    ['bytes', { ivorn: 'a', What: Buffer.from('x') }]
  ])('%s is refused', (_title, event) => {
    expect(() => encodeVoEvent(event)).toThrow(expect.objectContaining({ code: 'HANDLER_FAILED' }))
  })
})

const sample = '../shared/data/hop/example_voevent.xml'
describe.skipIf(!existsSync(sample))(
  'the VOEvent of a LIGO/Virgo alert (skipped where ../shared/data is absent)',
  () => {
    test('is read and written', () => {
      const event = decodeVoEvent(readFileSync(sample))
      expect(event).toMatchObject({ ivorn: 'ivo://gwnet/LVC#S200302c-1-Preliminary', role: 'observation' })
      expect(event).toHaveProperty(['What', 'Param', '3', 'value'], 'S200302c')
      expect(event).toHaveProperty('WhereWhen.ObsDataLocation.ObservatoryLocation', { id: 'LIGO Virgo' })
      expect(decodeVoEvent(encodeVoEvent(event))).toEqual(event)
    })
  }
)
