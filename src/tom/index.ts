import type { Alert } from '../contract/alert.ts'
import { numberOf, recordsOf } from './fields.ts'
import { readGcn } from './gcn.ts'
import { readLsst } from './lsst.ts'
import type { Observation, Orbit } from './observation.ts'
import { plainOf } from './plain.ts'
import { dateOfMs } from './quantities.ts'
import type { GenericAlert, NormalizedAlert, Target } from './records.ts'
import { readZtf } from './ztf.ts'

/** What the alert says, be it of ZTF, LSST or GCN. Throws for any other. */
export function observationOf(alert: Alert): Observation {
  const found = observedIn(alert.payload())
  if (found === undefined) throw new Error(`${alert.topic}: this is no alert of ZTF, LSST or GCN that is known here`)
  return found
}

/** The same of what was decoded; undefined for any other. */
export function observedIn(payload: unknown): Observation | undefined {
  // Hopskotch's Avro may hold a list of one.
  const [first] = recordsOf(payload)
  return first && (readZtf(first) ?? readLsst(first) ?? readGcn(first))
}

/** The record that a TOM's broker query shows. Throws for what is no alert of ZTF, LSST or GCN. */
export function toGenericAlert(alert: Alert): GenericAlert {
  const { id, name, observedAt, publishedAt, position, magnitude, score, url } = observationOf(alert)
  const at = observedAt ?? publishedAt
  return {
    timestamp: at === undefined ? null : stampOf(at),
    id,
    name,
    ra: position?.ra ?? null,
    dec: position?.dec ?? null,
    mag: magnitude,
    score,
    url
  }
}

/**
 * The object as a TOM observes it; undefined where the alert has none: a gravitational wave has no position, a source
 * that no object is known for has no name, and a moving one is no target without its orbit. Throws for what is no alert of
 * ZTF, LSST or GCN.
 */
export function toTarget(alert: Alert): Target | undefined {
  return targetOf(observationOf(alert))
}

/** The record that a TOM keeps of a stream's alerts. Throws for what is no alert of ZTF, LSST or GCN. */
export function toNormalizedAlert(alert: Alert): NormalizedAlert {
  const { id, name, objectId, observedAt, publishedAt, position, magnitude, flux } = observationOf(alert)
  return {
    stream_name: alert.stream,
    alert_id: id,
    topic: alert.topic,
    observation_time: observedAt,
    published_time: publishedAt ?? issuedAt(alert),
    object_id: objectId ?? name,
    ra: position?.ra ?? null,
    dec: position?.dec ?? null,
    magnitude: flux === null ? magnitude : null,
    flux,
    raw_payload: plainOf(recordsOf(alert.payload())[0] ?? {})
  }
}

export function targetOf({ name, position, orbit, moves }: Observation): Target | undefined {
  if (name === null) return undefined
  if (moves) return orbit === null ? undefined : nonSidereal(name, orbit)
  return position === null ? undefined : { name, type: 'SIDEREAL', ...position, aliases: [] }
}

function nonSidereal(name: string, orbit: Orbit): Target | undefined {
  const isPlanet = orbit.meanAnomaly !== null && orbit.semimajorAxis !== null
  if (!isPlanet && (orbit.perihelionDistance === null || orbit.perihelionTime === null)) return undefined
  return {
    name,
    type: 'NON_SIDEREAL',
    scheme: isPlanet ? 'MPC_MINOR_PLANET' : 'MPC_COMET',
    epoch_of_elements: orbit.epoch,
    inclination: orbit.inclination,
    lng_asc_node: orbit.ascendingNode,
    arg_of_perihelion: orbit.argumentOfPerihelion,
    eccentricity: orbit.eccentricity,
    mean_anomaly: orbit.meanAnomaly,
    semimajor_axis: orbit.semimajorAxis,
    perihdist: orbit.perihelionDistance,
    epoch_of_perihelion: orbit.perihelionTime,
    aliases: []
  }
}

/** Pitt-Google hands on when the survey issued it, in milliseconds; else the message's own time. */
function issuedAt(alert: Alert): Date | null {
  return dateOfMs(numberOf(alert.header('kafka.timestamp'))) ?? alert.publishedAt ?? null
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

function stampOf(date: Date): string {
  const [, year, month, day, time] = /^(.*)-(\d\d)-(\d\d)T(.{8})/.exec(date.toISOString())!
  return `${day} ${MONTHS[Number(month) - 1]} ${year} - ${time}`
}
