/**
 * True where an alert says that there is no value: null, absent, or NaN, which Python writers leave in float fields. For
 * LSST that is all there is; ZTF has words of its own for it: `ztfValue`.
 */
export function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined || Number.isNaN(value)
}

/** Distances and magnitudes of the nearest solar-system object, Pan-STARRS sources and Gaia sources. */
const NEIGHBOUR =
  /^(?:ss(?:dist|mag)nr|(?:sg|sr|si|sz)mag[123]|(?:objectidps|sgscore|distpsnr)[123]|(?:near|mag)gaia(?:bright)?)$/

/**
 * A field of a ZTF `candidate`, `prv_candidates` or `fp_hists` record; undefined where the survey says that it has no
 * value. Payloads keep what the survey wrote: null, NaN, -999 in the fields of neighbouring objects, the text `null` for
 * the name of a solar-system object (`ssnamenr`), and -99999 in forced photometry (`forcediffimflux`,
 * `forcediffimfluxunc`). Elsewhere these numbers are values: -999 DN is a flux like any other, and `dsdiff` falls below
 * -100. Sources: the field descriptions of the ZTF alert schema 4.02, and packets of versions 3.3 and 4.02.
 */
export function ztfValue<Alert extends object, Field extends keyof Alert & string>(
  record: Alert,
  field: Field
): NonNullable<Alert[Field]> | undefined {
  const value = record[field] ?? undefined
  return isMissing(value) || value === sentinelOf(field) ? undefined : value
}

function sentinelOf(field: string): unknown {
  if (field === 'ssnamenr') return 'null'
  if (field.startsWith('forcediffimflux')) return -99999
  return NEIGHBOUR.test(field) ? -999 : undefined
}
