import { ztfValue } from '../codecs/missing.ts'
import { type Fields, numberOf, recordsOf, within } from '../tom/fields.ts'
import type { Measurement, Observation } from '../tom/observation.ts'
import { dateOfJd } from '../tom/quantities.ts'
import { extrasIn } from './extras.ts'
import type { Line } from './page.ts'
import { ownOf } from './points.ts'
import { dayText, fixed, grouped, idIn, joined, magnitudeText } from './words.ts'

const OWN = ['schemavsn', 'publisher', 'objectId', 'candid']
/** Arcseconds in a pixel. */
const PIXEL = 1.01

export function ztfLines(payload: Fields, observation: Observation): readonly Line[] {
  const candidate = within(payload, 'candidate')
  const value = (name: string) => ztfValue(candidate, name)
  const number = (name: string, decimals: number) => fixed(value(name), decimals)
  const own = ownOf(observation)
  return [
    ['candid', idIn(payload, 'candid') ?? idIn(candidate, 'candid')],
    ['schema', joined([joined(['ZTF', String(payload.schemavsn ?? '')], ' '), programOf(candidate.programid)])],
    ...grouped('brightness', own ? [difference(own), total(candidate, own)] : []),
    ['5 sigma limit', number('diffmaglim', 2)],
    [
      'real/bogus',
      joined([scored('drb', number('drb', 3), value('drbversion')), scored('rb', number('rb', 3), value('rbversion'))])
    ],
    ['star/galaxy', joined([scored('classtar', number('classtar', 3), '1 is a star')])],
    [
      'shape',
      joined([
        unit('fwhm', number('fwhm', 2), 'px'),
        unit('elongation', number('elong', 2)),
        unit('bad pixels', number('nbad', 0))
      ])
    ],
    ...grouped('neighbours', [
      neighbourText('reference image', fixed(scaled(candidate.distnr), 2), [unit('', number('magnr', 2), 'mag')]),
      ...[1, 2, 3].map((rank) => panStarrs(candidate, rank)),
      neighbourText('Gaia', number('neargaia', 2), [unit('G', number('maggaia', 2))])
    ]),
    ['solar system', solarSystem(candidate)],
    ['history', history(candidate)],
    ...forcedLine(payload),
    ['broker', extrasIn(payload, OWN)]
  ]
}

function programOf(programid: unknown): string | undefined {
  return { 1: 'public survey', 2: 'collaboration', 3: 'Caltech' }[Number(programid)]
}

function difference({ band, magnitude, magnitudeError, negative }: Measurement): string | undefined {
  if (magnitude === null) return undefined
  const sign = negative ? ' (negative: fainter than the reference image)' : ''
  return `${band} ${magnitudeText(magnitude, magnitudeError)}${sign}`
}

/** Of object and reference source together, where these are the same: within 1.4 arcseconds. */
function total(candidate: Fields, { band, magnitude, negative }: Measurement): string | undefined {
  const [reference, distance] = [numberOf(candidate.magnr), scaled(candidate.distnr)]
  if (magnitude === null || reference === null || distance === undefined || distance > 1.4) return undefined
  const flux = 10 ** (-0.4 * reference) + (negative ? -1 : 1) * 10 ** (-0.4 * magnitude)
  return flux > 0 ? `${band} ${(-2.5 * Math.log10(flux)).toFixed(3)} with the source of the reference image` : undefined
}

function scaled(pixels: unknown): number | undefined {
  const number = numberOf(pixels)
  return number === null || number < 0 ? undefined : number * PIXEL
}

function panStarrs(candidate: Fields, rank: number): string | undefined {
  const value = (name: string, decimals: number) => fixed(ztfValue(candidate, `${name}${rank}`), decimals)
  const score = ztfValue(candidate, `sgscore${rank}`)
  const kind = typeof score !== 'number' || score === 0.5 ? '' : score > 0.5 ? ' (star)' : ' (galaxy)'
  const colours = ['g', 'r', 'i', 'z'].map((band) => unit(band, value(`s${band}mag`, 2)))
  return neighbourText('Pan-STARRS', value('distpsnr', 2), [
    ...colours,
    unit('sgscore', value('sgscore', 2), kind.trim())
  ])
}

function neighbourText(catalog: string, arcseconds: string | undefined, facts: readonly (string | undefined)[]) {
  return arcseconds === undefined ? undefined : joined([`${catalog} at ${arcseconds}"`, ...facts])
}

function solarSystem(candidate: Fields): string | undefined {
  // Rows of a table need not have it.
  if (candidate.ssnamenr === undefined) return undefined
  const name = ztfValue(candidate, 'ssnamenr')
  if (name === undefined) return 'nothing known within 30"'
  const [distance, magnitude] = [fixed(ztfValue(candidate, 'ssdistnr'), 1), fixed(ztfValue(candidate, 'ssmagnr'), 2)]
  return neighbourText(String(name), distance, [unit('', magnitude, 'mag')]) ?? String(name)
}

function history(candidate: Fields): string | undefined {
  const [seen, looks] = [fixed(candidate.ndethist, 0), fixed(candidate.ncovhist, 0)]
  if (seen === undefined) return undefined
  const since = dayText(dateOfJd(numberOf(candidate.jdstarthist)))
  return joined([`${seen} detections`, unit('in', looks, 'looks'), unit('since', since)], ' ')
}

function forcedLine(payload: Fields): readonly Line[] {
  const count = recordsOf(payload.fp_hists).length
  return count === 0 ? [] : [['forced', `${count} epochs of forced photometry`]]
}

function scored(name: string, score: string | undefined, note: unknown): string | undefined {
  if (score === undefined) return undefined
  return typeof note === 'string' ? `${name} ${score} (${note})` : `${name} ${score}`
}

function unit(before: string, value: string | undefined, behind = ''): string | undefined {
  return value === undefined ? undefined : joined([before, value, behind], ' ')
}
