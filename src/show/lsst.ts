import { type Fields, nameOf, numberOf, recordsOf, within } from '../tom/fields.ts'
import type { Measurement, Observation } from '../tom/observation.ts'
import { dateOfMjdTai } from '../tom/quantities.ts'
import { extrasIn } from './extras.ts'
import type { Line } from './page.ts'
import { abMagnitude, ownOf, pointOf } from './points.ts'
import { dayText, fixed, grouped, idIn, joined, magnitudeText } from './words.ts'

const OWN = ['alertId', 'diaSourceId', 'observation_reason', 'target_name']

export function lsstLines(payload: Fields, observation: Observation): readonly Line[] {
  const source = within(payload, 'diaSource')
  const own = ownOf(observation)
  const object = within(payload, 'diaObject')
  return [
    ['diaSourceId', idIn(source, 'diaSourceId') ?? idIn(payload, 'diaSourceId')],
    ['diaObjectId', idIn(object, 'diaObjectId') ?? idIn(source, 'diaObjectId')],
    ['ssObjectId', idIn(within(payload, 'ssSource'), 'ssObjectId') ?? idIn(source, 'ssObjectId')],
    [
      'visit',
      joined([idIn(source, 'visit'), nameOf(source.detector) !== null && `detector ${nameOf(source.detector)}`])
    ],
    ['reason', joined([nameOf(payload.observation_reason) ?? undefined, nameOf(payload.target_name) ?? undefined])],
    ...grouped('brightness', [
      own && difference(own),
      fluxText('science image', source.scienceFlux, source.scienceFluxErr),
      fluxText('template', source.templateFlux, source.templateFluxErr)
    ]),
    ['S/N', fixed(source.snr, 1)],
    ['real/bogus', withVersion(fixed(source.reliability, 3), source.reliabilityVersion)],
    ['star/galaxy', kindOf(source.extendedness)],
    ['solar system', solarSystem(payload)],
    ['trail', numberOf(source.trailLength) === null ? undefined : `${fixed(source.trailLength, 2)}" long`],
    ['flags', joined(Object.keys(source).filter((name) => source[name] === true && name !== 'dipoleFitAttempted'))],
    ['withdrawn', dateOfMjdTai(numberOf(source.timeWithdrawnMjdTai))?.toISOString()],
    ['object', history(object)],
    ['forced', counted(payload.prvDiaForcedSources)],
    ['broker', extrasIn(payload, OWN)]
  ]
}

function difference(own: Measurement): string | undefined {
  const point = pointOf(own)
  if (point === undefined || own.flux === null) return undefined
  const flux = joined([own.flux.toFixed(1), own.fluxError !== null && `± ${own.fluxError.toFixed(1)}`], ' ')
  const magnitude = point.magnitude === null ? undefined : `${own.band} ${magnitudeText(point.magnitude, point.error)}`
  const size = point.negative ? `${magnitude} (negative: fainter than the template)` : magnitude
  return joined([size ?? `${own.band} not seen`, `difference flux ${flux} nJy`])
}

function fluxText(name: string, flux: unknown, error: unknown): string | undefined {
  const [value, sigma] = [numberOf(flux), numberOf(error)]
  if (value === null) return undefined
  const magnitude = value > 0 ? abMagnitude(value).toFixed(3) : 'no magnitude'
  return `${name} ${magnitude}, flux ${joined([value.toFixed(1), sigma !== null && `± ${sigma.toFixed(1)}`], ' ')} nJy`
}

function withVersion(score: string | undefined, version: unknown): string | undefined {
  if (score === undefined) return undefined
  return `reliability ${score}${typeof version === 'string' ? ` (${version})` : ''}`
}

function kindOf(extendedness: unknown): string | undefined {
  const value = fixed(extendedness, 2)
  return value === undefined
    ? undefined
    : `extendedness ${value} (${Number(value) >= 0.5 ? 'extended' : 'point source'})`
}

function solarSystem(payload: Fields): string | undefined {
  const [source, orbit] = [
    within(payload, 'ssSource'),
    within(payload, payload.mpc_orbits == null ? 'MPCORB' : 'mpc_orbits')
  ]
  const name =
    nameOf(orbit.designation) ?? nameOf(orbit.unpacked_primary_provisional_designation) ?? nameOf(source.designation)
  const far = (label: string, value: unknown) =>
    fixed(value, 3) === undefined ? undefined : `${label} ${fixed(value, 3)} au`
  return joined([
    name ?? undefined,
    far('from the Sun', source.helioRange),
    far('from the observer', source.topoRange),
    fixed(source.phaseAngle, 1) && `phase angle ${fixed(source.phaseAngle, 1)} deg`
  ])
}

function history(object: Fields): string | undefined {
  const count = numberOf(object.nDiaSources)
  const [first, last] = [object.firstDiaSourceMjdTai, object.lastDiaSourceMjdTai].map((mjd) =>
    dayText(dateOfMjdTai(numberOf(mjd)))
  )
  return joined([
    count !== null && count > 0 && `${count} detections`,
    first && `since ${first}`,
    last && `last ${last}`
  ])
}

function counted(sources: unknown): string | undefined {
  const count = recordsOf(sources).length
  return count === 0 ? undefined : `${count} epochs of forced photometry`
}
