import { type Fields, nameOf, numberOf, recordOf, recordsOf, within } from './fields.ts'
import type { Measurement, Observation, Orbit } from './observation.ts'
import { dateOfMjdTai, magnitudeErrorOf, magnitudeOf, positionOf, rounded } from './quantities.ts'

/** Undefined for what is no alert of Rubin's LSST. */
export function readLsst(payload: Fields): Observation | undefined {
  const source = recordOf(payload.diaSource)
  const id = nameOf(source?.diaSourceId ?? payload.diaSourceId)
  if (source === undefined || id === null) return undefined
  const flux = fluxOf(source.psfFlux)
  const diaObject = nameOf(within(payload, 'diaObject').diaObjectId ?? source.diaObjectId)
  const ssObject = nameOf(within(payload, 'ssSource').ssObjectId ?? source.ssObjectId)
  const previous = recordsOf(payload.prvDiaSources)
  return {
    survey: 'LSST',
    id,
    name: diaObject === null ? designationOf(payload, ssObject) : `LSST-${diaObject}`,
    objectId: diaObject ?? ssObject,
    observedAt: dateOfMjdTai(numberOf(source.midpointMjdTai)),
    publishedAt: undefined,
    position: positionOf(numberOf(source.ra), numberOf(source.dec)),
    orbit: orbitOf(within(payload, payload.mpc_orbits == null ? 'MPCORB' : 'mpc_orbits')),
    moves: diaObject === null && ssObject !== null,
    magnitude: magnitudeOf(flux),
    flux,
    score: numberOf(source.reliability),
    url: null,
    photometry: [...previous, source].map(measurementOf).filter((one) => one !== undefined),
    note: { title: undefined, text: undefined, event: undefined, facts: { diaSourceId: id } }
  }
}

function designationOf(payload: Fields, ssObject: string | null): string | null {
  const [orbit, source] = [within(payload, 'mpc_orbits'), within(payload, 'ssSource')]
  const designation = nameOf(orbit.designation) ?? nameOf(source.designation)
  return designation ?? (ssObject === null ? null : `LSST-${ssObject}`)
}

function fluxOf(value: unknown): number | null {
  const flux = numberOf(value)
  return flux === null ? null : rounded(flux, 6)
}

function measurementOf(source: Fields): Measurement | undefined {
  const [flux, fluxError] = [fluxOf(source.psfFlux), fluxOf(source.psfFluxErr)]
  const at = dateOfMjdTai(numberOf(source.midpointMjdTai))
  const band = nameOf(source.band)
  if (at === null || flux === null || band === null) return undefined
  return {
    at,
    band,
    telescope: 'Rubin Observatory',
    instrument: 'LSSTCam',
    magnitude: magnitudeOf(flux),
    magnitudeError: magnitudeErrorOf(flux, fluxError),
    flux,
    fluxError,
    limit: null,
    // A negative flux has a sign of its own.
    negative: false
  }
}

/** Of the Minor Planet Center; null where an element is missing. */
function orbitOf(elements: Fields): Orbit | null {
  const [epoch, inclination, ascendingNode] = ['epoch_mjd', 'i', 'node'].map((name) => numberOf(elements[name]))
  const [argumentOfPerihelion, eccentricity] = ['argperi', 'e'].map((name) => numberOf(elements[name]))
  if (epoch == null || inclination == null || ascendingNode == null) return null
  if (argumentOfPerihelion == null || eccentricity == null) return null
  return {
    epoch,
    inclination,
    ascendingNode,
    argumentOfPerihelion,
    eccentricity,
    meanAnomaly: numberOf(elements.mean_anomaly),
    semimajorAxis: numberOf(elements.a),
    perihelionDistance: numberOf(elements.q),
    perihelionTime: numberOf(elements.peri_time)
  }
}
