/** What a row needs of an alert, in the same units for all; null: it does not say. */
export interface Observed {
  /** All digits of a 64-bit id. */
  readonly id: string | null
  /** The object's; that of a target. */
  readonly name: string | null
  /** True for what is in another place at the next observation. */
  readonly moves: boolean
  /** Degrees, ICRS; both or none. */
  readonly ra: number | null
  readonly dec: number | null
  /** Modified Julian date, UTC. */
  readonly mjd: number | null
  readonly filter: string | null
  /** AB magnitude and its 1 sigma; `sign` -1: the object is fainter than in the reference image by this magnitude. */
  readonly magnitude: number | null
  readonly magnitudeError: number | null
  readonly sign: 1 | -1 | null
  /** nJy and its 1 sigma. */
  readonly flux: number | null
  readonly fluxError: number | null
  readonly instrument: string | null
}

type Fields = Readonly<Record<string, unknown>>

/** MJD 0 as a Julian date. */
const JD_OF_MJD = 2_400_000.5
/** Days that TAI is ahead of UTC, since 2017. */
const TAI_UTC = 37 / 86_400
const BANDS: Readonly<Record<string, string>> = { 1: 'g', 2: 'r', 3: 'i' }

/** Reads the alerts of ZTF and of Rubin's LSST, and what others call by the usual names: `object_id`, `ra`, `mag`. */
export function observe(payload: unknown): Observed {
  const top = fieldsOf(payload)
  const source = fieldsOf(top.diaSource)
  return source.diaSourceId === undefined
    ? observePlain({ ...top, ...fieldsOf(top.candidate) })
    : observeLsst(source, top)
}

/** ZTF, whole or flat, and any other JSON. */
function observePlain(fields: Fields): Observed {
  const isZtf = fields.candid !== undefined
  const [jd, mjd] = [numberOf(fields.jd), numberOf(fields.mjd)]
  const magnitude = rounded(numberOf(first(fields, 'magpsf', 'magnitude', 'mag')), 6)
  const negative = fields.isdiffpos === 'f' || fields.isdiffpos === '0' || fields.isdiffpos === 0
  return {
    id: nameOf(first(fields, 'candid', 'alert_id', 'alertId', 'id')),
    name: nameOf(first(fields, 'objectId', 'object_id', 'oid')),
    moves: false,
    ...positionOf(numberOf(fields.ra), numberOf(first(fields, 'dec', 'decl'))),
    mjd: jd === null ? mjd : rounded(jd - JD_OF_MJD, 8),
    filter: nameOf(fields.filter) ?? nameOf(fields.band) ?? BANDS[String(fields.fid)] ?? null,
    magnitude,
    magnitudeError: rounded(numberOf(first(fields, 'sigmapsf', 'magnitude_error', 'magerr')), 6),
    sign: magnitude === null ? null : negative ? -1 : 1,
    flux: numberOf(fields.flux),
    fluxError: numberOf(fields.flux_error),
    instrument: isZtf ? 'ZTF' : null
  }
}

function observeLsst(source: Fields, top: Fields): Observed {
  const mjd = numberOf(source.midpointMjdTai)
  const [diaObject, ssObject] = [nameOf(source.diaObjectId), nameOf(source.ssObjectId)]
  const object = diaObject ?? ssObject
  return {
    id: nameOf(source.diaSourceId),
    name: (diaObject === null ? nameOf(fieldsOf(top.ssSource).designation) : null) ?? (object && `LSST-${object}`),
    moves: diaObject === null,
    ...positionOf(numberOf(source.ra), numberOf(source.dec)),
    mjd: mjd === null ? null : rounded(mjd - TAI_UTC, 8),
    filter: nameOf(source.band),
    magnitude: null,
    magnitudeError: null,
    sign: null,
    flux: rounded(numberOf(source.psfFlux), 6),
    fluxError: rounded(numberOf(source.psfFluxErr), 6),
    instrument: 'LSSTCam'
  }
}

function fieldsOf(value: unknown): Fields {
  const isRecord =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  return isRecord ? (value as Fields) : {}
}

function first(fields: Fields, ...names: readonly string[]): unknown {
  return names.map((name) => fields[name]).find((value) => value !== undefined && value !== null)
}

/** A finite number that is no code for "nothing". */
function numberOf(value: unknown): number | null {
  const isNumber = typeof value === 'number' && Number.isFinite(value)
  return isNumber && value !== -999 && value !== -99_999 ? value : null
}

/** An id or a name, all digits of it. Zero is no id. */
function nameOf(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value.trim()
  return (typeof value === 'number' && value !== 0 && Number.isFinite(value)) ||
    (typeof value === 'bigint' && value !== 0n)
    ? String(value)
    : null
}

/** A float32 printed as a double has digits that mean nothing, and another program's differ. */
function rounded(value: number | null, decimals: number): number | null {
  return value === null ? null : Number(value.toFixed(decimals))
}

function positionOf(
  ra: number | null,
  dec: number | null
): { readonly ra: number | null; readonly dec: number | null } {
  if (ra === null || dec === null || ra < 0 || ra > 360 || Math.abs(dec) > 90) return { ra: null, dec: null }
  return { ra: rounded(ra, 7), dec: rounded(dec, 7) }
}
