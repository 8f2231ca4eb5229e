import { expect, test } from 'vitest'
import { separation, simplifiedName } from '../../src/index.ts'

test('names are compared without blanks, dashes, underscores, brackets and case; all else counts', () => {
  const same = ['SN 2023ixf', 'sn2023ixf', 'SN-2023_ixf', '(SN)2023ixf']
  expect(new Set(same.map(simplifiedName))).toEqual(new Set(['sn2023ixf']))
  expect(simplifiedName('GRB 230410A+B.1, x')).toBe('grb230410a+b.1,x')
})

test.each([
  [{ ra: 10, dec: 0 }, { ra: 10, dec: 1 }, 3600],
  [{ ra: 359.9999, dec: 0 }, { ra: 0.0001, dec: 0 }, 0.72],
  [{ ra: 0, dec: 89.9999 }, { ra: 180, dec: 89.9999 }, 0.72],
  [{ ra: 10, dec: 60 }, { ra: 10.001, dec: 60 }, 1.8],
  [{ ra: 10, dec: 60 }, { ra: 10, dec: 60 }, 0],
  [{ ra: 0, dec: 0 }, { ra: 180, dec: 0 }, 648_000]
])('%o and %o are %f arcseconds apart', (one, other, arcseconds) => {
  expect(separation(one, other)).toBeCloseTo(arcseconds, 5)
  expect(separation(other, one)).toBeCloseTo(arcseconds, 5)
})
