import { type Fields, nameOf, numberOf, recordOf, recordsOf } from '../tom/fields.ts'
import { readGcn } from '../tom/gcn.ts'
import { targetOf } from '../tom/index.ts'
import { readLsst } from '../tom/lsst.ts'
import type { Measurement, Observation } from '../tom/observation.ts'
import { magnitude, positionOf, rounded } from '../tom/quantities.ts'
import type { Target } from '../tom/records.ts'
import { readZtf } from '../tom/ztf.ts'

/** What rows are made of; null: the alert does not say it. Units are those of docs/database.md. */
export interface Observed {
  /** All digits of a 64-bit id. */
  readonly id: string | null
  /** The object's. */
  readonly name: string | null
  readonly ra: number | null
  readonly dec: number | null
  /** Modified Julian date, UTC. */
  readonly mjd: number | null
  readonly target: Target | undefined
  /** By time; that of the alert itself last. */
  readonly photometry: readonly Measured[]
}

export interface Measured {
  readonly mjd: number
  readonly filter: string | null
  readonly magnitude: number | null
  readonly magnitude_error: number | null
  readonly magnitude_limit: number | null
  readonly flux: number | null
  readonly flux_error: number | null
  readonly sign: 1 | -1 | null
  readonly unit: 'AB' | 'nJy'
  readonly telescope: string | null
  readonly instrument: string | null
}

/** MJD 0 as a Julian date. */
const JD_OF_MJD = 2_400_000.5
const OBJECT_NAMES = ['objectId', 'object_id', 'oid']
const BANDS: Readonly<Record<string, string>> = { 1: 'g', 2: 'r', 3: 'i' }

/** Reads the alerts of ZTF, LSST and GCN, and what others call by the usual names: `object_id`, `ra`, `mag`. */
export function observe(payload: unknown): Observed {
  // Hopskotch's Avro may hold a list of one.
  const fields = recordsOf(payload)[0] ?? {}
  const isPlain = OBJECT_NAMES.some((name) => fields[name] !== undefined)
  const found = readZtf(fields) ?? readLsst(fields) ?? (isPlain ? undefined : readGcn(fields))
  return found === undefined ? observePlain({ ...fields, ...recordOf(fields.candidate) }) : observed(found)
}

function observed(found: Observation): Observed {
  const { id, name, objectId, position, observedAt, photometry } = found
  return {
    id,
    name: name ?? objectId ?? null,
    ra: position?.ra ?? null,
    dec: position?.dec ?? null,
    mjd: observedAt === null ? null : mjdOf(observedAt),
    target: targetOf(found),
    photometry: photometry.map(measured)
  }
}

function measured(one: Measurement): Measured {
  const { at, band, flux, limit, negative, telescope, instrument } = one
  // A flux is what was measured; its magnitude says nothing more, and nothing at all below zero.
  const isFlux = flux !== null
  return {
    mjd: mjdOf(at),
    filter: band,
    magnitude: isFlux ? null : one.magnitude,
    magnitude_error: isFlux ? null : one.magnitudeError,
    magnitude_limit: limit,
    flux,
    flux_error: one.fluxError,
    sign: isFlux || one.magnitude === null ? null : negative ? -1 : 1,
    unit: isFlux ? 'nJy' : 'AB',
    telescope,
    instrument
  }
}

/** ZTF's flat alerts, and any other JSON. */
function observePlain(fields: Fields): Observed {
  const [jd, plainMjd] = [numberOf(fields.jd), numberOf(fields.mjd)]
  const mjd = jd === null ? plainMjd : rounded(jd - JD_OF_MJD, 8)
  const name = nameOf(first(fields, ...OBJECT_NAMES))
  const position = positionOf(numberOf(fields.ra), numberOf(first(fields, 'dec', 'decl')))
  const mag = withoutCodes(magnitude(numberOf(first(fields, 'magpsf', 'magnitude', 'mag'))))
  const flux = numberOf(fields.flux)
  const isNegative = ['f', '0', 0].some((word) => fields.isdiffpos === word)
  const one = {
    filter: nameOf(fields.filter) ?? nameOf(fields.band) ?? BANDS[String(fields.fid)] ?? null,
    magnitude: mag,
    magnitude_error: withoutCodes(magnitude(numberOf(first(fields, 'sigmapsf', 'magnitude_error', 'magerr')))),
    magnitude_limit: null,
    flux,
    flux_error: numberOf(fields.flux_error),
    sign: mag === null ? null : isNegative ? (-1 as const) : (1 as const),
    unit: mag === null ? ('nJy' as const) : ('AB' as const),
    telescope: nameOf(fields.telescope),
    instrument: nameOf(fields.instrument)
  }
  return {
    id: nameOf(first(fields, 'candid', 'alert_id', 'alertId', 'id')),
    name,
    ra: position?.ra ?? null,
    dec: position?.dec ?? null,
    mjd,
    target: name === null || position === null ? undefined : { name, type: 'SIDEREAL', ...position, aliases: [] },
    photometry: mjd === null || (mag === null && flux === null) ? [] : [{ mjd, ...one }]
  }
}

/** To the millisecond, as all times of ours. */
function mjdOf(date: Date): number {
  return rounded(date.getTime() / 86_400_000 + 40_587, 8)
}

function first(fields: Fields, ...names: readonly string[]): unknown {
  return names.map((name) => fields[name]).find((value) => value !== undefined && value !== null)
}

/** Numbers that stand for nothing. */
function withoutCodes(value: number | null): number | null {
  return value === -999 || value === -99_999 ? null : value
}
