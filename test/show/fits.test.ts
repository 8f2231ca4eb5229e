import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import { cutoutsOf, imageIn } from '../../src/show/cutouts.ts'
import { type FitsImage, readFits } from '../../src/show/fits.ts'
import { compassOf } from '../../src/show/north.ts'
import { messageOf } from '../codecs/message.ts'
import { fitsBytes, fitsExtension, type Image } from './fits-bytes.ts'

const stored: Readonly<Record<number, fc.Arbitrary<number>>> = {
  8: fc.integer({ min: 0, max: 255 }),
  16: fc.integer({ min: -32768, max: 32767 }),
  32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  64: fc.maxSafeInteger(),
  [-32]: fc.float({ noDefaultInfinity: true }),
  [-64]: fc.double({ noDefaultInfinity: true })
}

/** Any image of the format; none has a scale here. */
const anyImage: fc.Arbitrary<Image> = fc
  .record({
    bitpix: fc.constantFrom(8, 16, 32, 64, -32, -64),
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 40 })
  })
  .chain(({ bitpix, width, height }) =>
    fc
      .array(stored[bitpix]!, { minLength: width * height, maxLength: width * height })
      .map((values) => ({ bitpix, width, height, values }))
  )

test('an image of any type comes out as it was put in, alone or behind other parts of the file', () => {
  fc.assert(
    fc.property(anyImage, fc.integer({ min: 0, max: 7 }), (image, shift) => {
      for (const file of [fitsBytes(image), fitsExtension(image)]) {
        // Data of a message may begin anywhere in its buffer.
        const bytes = Buffer.concat([Buffer.alloc(shift), file]).subarray(shift)
        const { width, height, values } = readFits(bytes)
        expect({ width, height }).toEqual({ width: image.width, height: image.height })
        expect([...values].map((value) => value + 0)).toEqual(image.values.map((value) => value + 0))
      }
    }),
    { numRuns: 200 }
  )
})

test('stored numbers are scaled, and a blank one is no number', () => {
  const cards = { BSCALE: 0.5, BZERO: 32768, BLANK: -32768 }
  const { values } = readFits(fitsBytes({ bitpix: 16, width: 2, height: 2, values: [0, 10, -32768, -2], cards }))
  expect([...values]).toEqual([32768, 32773, Number.NaN, 32767])
})

test('what is no image is refused, and says why', () => {
  const whole = fitsBytes({ bitpix: -32, width: 30, height: 30, values: Array(900).fill(1) })
  expect(() => readFits(whole.subarray(0, 3000))).toThrow('cut short')
  expect(() => readFits(whole.subarray(0, 300))).toThrow('no end')
  expect(() => readFits(Buffer.from('GIF89a'))).toThrow('no FITS file')
  const bomb = fitsBytes({ bitpix: 8, width: 1, height: 1, values: [1], cards: { NAXIS1: 60_000, NAXIS2: 60_000 } })
  expect(() => readFits(bomb)).toThrow()
  expect(imageIn({ label: 'science', bytes: Uint8Array.of(0x1f, 0x8b, 8, 0) })).toMatch(/unexpected end/)
})

describe('north and east', () => {
  const image = (cards: Readonly<Record<string, string | number>>): FitsImage =>
    readFits(fitsBytes({ bitpix: 8, width: 1, height: 1, values: [0], cards }))
  const near = (pair: readonly [number, number]) => pair.map((value) => expect.closeTo(value, 9))

  test.each([
    ['by CD: north up, east left', { CD1_1: -1e-4, CD1_2: 0, CD2_1: 0, CD2_2: 1e-4 }, [0, 1], [-1, 0]],
    ['by CDELT: north down, east left', { CDELT1: -1e-4, CDELT2: -1e-4 }, [0, -1], [-1, 0]],
    ['by PC: a quarter turn', { CDELT1: -1e-4, CDELT2: 1e-4, PC1_1: 0, PC1_2: -1, PC2_1: 1, PC2_2: 0 }, [1, 0], [0, 1]]
  ] as const)('%s', (_, cards, north, east) => {
    expect(compassOf(image({ CTYPE1: "'RA---TAN'", ...cards }))).toEqual({ north: near(north), east: near(east) })
  })

  test('are unknown where the header does not say', () => {
    expect(compassOf(image({ CD1_1: 1e-4, CD2_2: 1e-4 }))).toBeUndefined()
    expect(compassOf(image({ CTYPE1: "'RA---TAN'" }))).toBeUndefined()
  })
})

/** Read with astropy 7: the pixels [0, 0], [10, 20] and [62, 61] as data[y, x], and the sum. */
const astropy: Readonly<Record<string, readonly (readonly number[])[]>> = {
  '472263571115115000.avro': [
    [181.33729553222656, 175.4070587158203, 181.8953857421875, 736079.2131347656],
    [177.83253479003906, 176.3294219970703, 176.12388610839844, 733950.568649292],
    [5.906698703765869, 1.6852492094039917, 6.641193866729736, 2150.4118550912244]
  ],
  'ztf_20250302_programid1_ZTF17aaarzyp_2982177112815010003.v4_02.avro': [
    [224.95127868652344, 242.00543212890625, 225.84518432617188, 1052269.881225586],
    [228.6240234375, 228.4842529296875, 226.51744079589844, 1067892.178024292],
    [3.4197826385498047, -14.604738235473633, 1.1384509801864624, 15816.956336183473]
  ],
  'ztf_public_20221229_ZTF18abfkwnk_2188216843315010016.v3_3.avro': [
    [116.27685546875, 109.5682373046875, 118.12420654296875, 488605.7200317383],
    [118.1333999633789, 117.18343353271484, 121.69807434082031, 498090.27893829346],
    [-9.835505485534668, 0.5726544857025146, 3.4662117958068848, 9362.039530472364]
  ]
}

const folder = new URL('../../../shared/data/ztf/', import.meta.url)
describe.skipIf(!existsSync(folder))('cut-outs of ZTF (skipped where ../shared/data/ztf is absent)', () => {
  test('have the values that astropy reads', () => {
    const files = readdirSync(folder).filter((name) => astropy[name] !== undefined)
    expect(files.length).toBeGreaterThan(0)
    for (const name of files) {
      const payload = codecOf('avro').decode(messageOf(readFileSync(new URL(name, folder))))
      const images = cutoutsOf(payload as Record<string, unknown>).map((cutout) => imageIn(cutout) as FitsImage)
      const found = images.map(({ width, height, values }) => {
        expect([width, height]).toEqual([63, 63])
        return [
          values[0],
          values[10 * 63 + 20],
          values[62 * 63 + 61],
          expect.closeTo(
            values.reduce((a, b) => a + b),
            6
          )
        ]
      })
      expect(astropy[name]).toEqual(found)
    }
  })
})
