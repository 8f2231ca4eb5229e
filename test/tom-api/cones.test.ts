import { expect, test } from 'vitest'
import { separation } from '../../src/tom/matching.ts'
import { conesAround } from '../../src/tom-api/targets.ts'
import { Random } from '../faults/random.ts'

interface Place {
  readonly ra: number
  readonly dec: number
}

const radians = (degrees: number) => (degrees * Math.PI) / 180

/** What a TOM's filter makes of `ra,dec,radius`: a box, and in it a cosine whose arc there is none of above 1. */
function finds(cone: string, { ra, dec }: Place): boolean {
  const [atRa, atDec, radius] = cone.split(',').map(Number) as [number, number, number]
  if (Math.abs(ra - atRa) > 2 * radius || Math.abs(dec - atDec) > 2 * radius) return false
  const cosine =
    Math.sin(radians(atDec)) * Math.sin(radians(dec)) +
    Math.cos(radians(atDec)) * Math.cos(radians(dec)) * Math.cos(radians(atRa) - radians(ra))
  return cosine <= 1 && (180 * Math.acos(cosine)) / Math.PI <= radius
}

/** A place so many arcseconds away, in any direction. */
function near({ ra, dec }: Place, arcseconds: number, direction: number): Place {
  const [distance, from] = [radians(arcseconds / 3600), radians(dec)]
  const sine = Math.sin(from) * Math.cos(distance) + Math.cos(from) * Math.sin(distance) * Math.cos(direction)
  const there = Math.asin(Math.max(-1, Math.min(1, sine)))
  const turn = Math.atan2(
    Math.sin(direction) * Math.sin(distance) * Math.cos(from),
    Math.cos(distance) - Math.sin(from) * Math.sin(there)
  )
  return { ra: (ra + (turn * 180) / Math.PI + 360) % 360, dec: (there * 180) / Math.PI }
}

test.each([0.5, 2, 60, 3600])('a TOM that is asked for %d arcseconds finds every target within them', (radius) => {
  const random = new Random(20_250_302)
  const heights = [1, 0.01, 1e-4, radius / 3600, radius / 7200].flatMap((below) => [90 - below, below - 90])
  const missed: unknown[] = []
  for (let n = 0; n < 20_000; n++) {
    const ra = n % 3 === 0 ? random.next() * 360 : n % 3 === 1 ? (random.next() * radius) / 1800 : 360 - radius / 3600
    const dec = n % 2 === 0 ? random.next() * 180 - 90 : heights[n % heights.length]!
    const place = { ra, dec }
    const target = n % 5 === 0 ? place : near(place, random.next() * radius * 0.99, random.next() * 2 * Math.PI)
    if (separation(place, target) > radius) continue
    if (!conesAround(place, radius).some((cone) => finds(cone, target))) missed.push({ place, target })
  }
  expect(missed).toEqual([])
})

test('what lies exactly in the middle of a cone a TOM may not find, and finds it here', () => {
  const places = Array.from({ length: 10_000 }, (_, n) => ({ ra: 77.5, dec: n / 113 }))
  const lost = places.filter((place) => !finds(`${place.ra},${place.dec},0.0005`, place))
  expect(lost.length).toBeGreaterThan(100)
  expect(lost.filter((place) => !conesAround(place, 2).some((cone) => finds(cone, place)))).toEqual([])
})
