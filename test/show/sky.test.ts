import { expect, test } from 'vitest'
import { galactic, sexagesimal } from '../../src/show/sky.ts'

/** As astropy 7 has them. */
test.each([
  [266.41684, -29.00781, '17:45:40.042 -29:00:28.12', 359.944259, -0.04617],
  [10.684708, 41.26875, '00:42:44.330 +41:16:07.50', 121.174329, -21.573309],
  [97.8890196, -2.798349, '06:31:33.365 -02:47:54.06', 213.161661, -5.697715],
  [24.5614473, 63.3358831, '01:38:14.747 +63:20:09.18', 128.154794, 0.939785],
  [0, 90, '00:00:00.000 +90:00:00.00', 122.931925, 27.128252],
  [0, 0, '00:00:00.000 +00:00:00.00', 96.337284, -60.188552]
])('%d %d', (ra, dec, text, l, b) => {
  expect(sexagesimal({ ra, dec })).toBe(text)
  const found = galactic({ ra, dec })
  // 0.5 arcseconds: ICRS and J2000 differ by less.
  expect(Math.abs(found.b - b)).toBeLessThan(1.4e-4)
  expect(Math.abs(found.l - l) * Math.cos((b * Math.PI) / 180)).toBeLessThan(1.4e-4)
})

test('what rounds up to 60 is carried over', () => {
  expect(sexagesimal({ ra: 359.99999999, dec: -0.000000001 })).toBe('00:00:00.000 -00:00:00.00')
  expect(sexagesimal({ ra: 14.9999999999, dec: 29.9999999999 })).toBe('01:00:00.000 +30:00:00.00')
})
