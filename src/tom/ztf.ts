import { type Fields, nameOf, numberOf, recordOf, recordsOf } from './fields.ts'
import type { Measurement, Observation } from './observation.ts'
import { dateOfJd, magnitude, positionOf } from './quantities.ts'

/** By number of the filter. */
export const BANDS: Readonly<Record<number, string>> = { 1: 'g', 2: 'r', 3: 'i' }

/** Undefined for what is no ZTF alert. */
export function readZtf(payload: Fields): Observation | undefined {
  const candidate = recordOf(payload.candidate)
  const [name, id] = [nameOf(payload.objectId), nameOf(payload.candid ?? candidate?.candid)]
  if (candidate === undefined || name === null || id === null) return undefined
  const measurements = [...recordsOf(payload.prv_candidates), candidate].map(measurementOf)
  return {
    survey: 'ZTF',
    id,
    name,
    observedAt: dateOfJd(numberOf(candidate.jd)),
    publishedAt: undefined,
    position: positionOf(numberOf(candidate.ra), numberOf(candidate.dec)),
    orbit: null,
    moves: false,
    magnitude: magnitude(numberOf(candidate.magpsf)),
    flux: null,
    score: numberOf(candidate.classtar),
    url: null,
    photometry: measurements.filter((one) => one !== undefined),
    note: {
      title: undefined,
      text: undefined,
      event: undefined,
      facts: { candid: id, ...(typeof candidate.isdiffpos === 'string' && { isdiffpos: candidate.isdiffpos }) }
    }
  }
}

/** A row without a magnitude is a limit. */
function measurementOf(row: Fields): Measurement | undefined {
  const [at, magpsf, limit] = [dateOfJd(numberOf(row.jd)), numberOf(row.magpsf), numberOf(row.diffmaglim)]
  const band = BANDS[numberOf(row.fid) ?? 0]
  if (at === null || band === undefined || (magpsf === null && limit === null)) return undefined
  return {
    at,
    band,
    telescope: 'Palomar 1.2m Oschin',
    instrument: 'ZTF',
    magnitude: magnitude(magpsf),
    magnitudeError: magpsf === null ? null : magnitude(numberOf(row.sigmapsf)),
    flux: null,
    fluxError: null,
    limit: magnitude(limit),
    negative: row.isdiffpos === 'f' || row.isdiffpos === '0'
  }
}
