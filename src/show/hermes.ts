import { type DatumValue, rowsOf } from '../hermes/rows.ts'
import { nameOf, recordOf, within } from '../tom/fields.ts'
import { simplifiedName } from '../tom/matching.ts'
import type { Line, Page } from './page.ts'
import { abMagnitude, lightCurveOf, mjdOf, type Point } from './points.ts'
import { galactic } from './sky.ts'
import { joined, magnitudeText } from './words.ts'

/** A message of Hermes: its text, its targets and their photometry. Undefined for anything else. */
export function hermesPage(payload: unknown): Page | undefined {
  const message = recordOf(payload)
  const title = nameOf(message?.title)
  if (message === undefined || title === null || message.submitter === undefined) return undefined
  const { targets, data } = rowsOf(message)
  const [first] = targets
  const position = first?.ra === undefined || first.dec === undefined ? null : { ra: first.ra, dec: first.dec }
  // Objects have a light curve each, and this is the first one's.
  const rows = data.filter(({ target_name }) => first === undefined || isSame(target_name, first.name))
  const points = rows.flatMap(({ timestamp, value }) => pointOf(new Date(timestamp), value) ?? [])
  const last = points.toSorted((one, other) => one.mjd - other.mjd).at(-1)
  return {
    survey: 'Hermes',
    title,
    id: null,
    position,
    at: null,
    lines: [
      ['topic', nameOf(message.topic) ?? undefined],
      ['from', joined([nameOf(message.submitter) ?? undefined, nameOf(message.authors) ?? undefined])],
      ['event', nameOf(within(message, 'data').event_id) ?? undefined],
      ...targets.map(({ name, ra, dec }, at): Line => {
        const place = ra === undefined || dec === undefined ? undefined : { ra, dec }
        const words = place && `${place.ra.toFixed(7)} ${place.dec.toFixed(7)}, b ${galactic(place).b.toFixed(2)}`
        return [at === 0 ? 'targets' : '', joined([name, words], '  ')]
      }),
      ['photometry', photometryText(data.length, rows.length, last)],
      ['not AB', unlike(rows.length - points.length)]
    ],
    curve: lightCurveOf(points),
    cutouts: [],
    text: nameOf(message.message_text) ?? ''
  }
}

const isSame = (one: string, other: string) => simplifiedName(one) === simplifiedName(other)

function photometryText(all: number, own: number, last: Point | undefined): string | undefined {
  if (all === 0) return undefined
  return joined([rowsText(all), own < all && `${own} of the first target`, last && latest(last)])
}

function latest({ band, magnitude, error, limit }: Point): string {
  return `last ${band} ${magnitude === null ? `> ${limit?.toFixed(2)}` : magnitudeText(magnitude, error)}`
}

function unlike(count: number): string | undefined {
  return count === 0 ? undefined : `${rowsText(count)} in another system, which the light curve leaves out`
}

const rowsText = (count: number) => `${count} ${count === 1 ? 'row' : 'rows'}`

/** AB magnitudes and fluxes in mJy; other systems need an offset that depends on the band. */
function pointOf(at: Date, { unit, filter: band, magnitude, limit, error }: DatumValue): Point | undefined {
  const flux = unit === 'mJy'
  if ((!flux && unit !== 'AB mag' && unit !== 'AB') || Number.isNaN(at.getTime())) return undefined
  const brightness = (value: number | undefined) => {
    if (value === undefined || (flux && value <= 0)) return null
    return flux ? abMagnitude(value * 1e6) : value
  }
  const [seen, unseen] = [brightness(magnitude), brightness(limit)]
  const sigma = error === '' || seen === null ? null : flux ? (2.5 / Math.LN10) * (error / magnitude!) : error
  if (seen === null && unseen === null) return undefined
  const nothing = { flux: null, fluxError: null, negative: false, forced: false, alert: false }
  return { ...nothing, mjd: mjdOf(at), band, magnitude: seen, error: sigma, limit: unseen }
}
