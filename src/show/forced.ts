import { ztfValue } from '../codecs/missing.ts'
import { type Fields, nameOf, numberOf, recordsOf } from '../tom/fields.ts'
import type { Measurement } from '../tom/observation.ts'
import { dateOfJd, dateOfMjdTai } from '../tom/quantities.ts'
import { BANDS } from '../tom/ztf.ts'
import { type Point, pointOf } from './points.ts'

/** Forced photometry: `fp_hists` of ZTF (4.x) that came without a warning, `prvDiaForcedSources` of LSST. */
export function forcedPoints(payload: Fields): readonly Point[] {
  const measured = [...recordsOf(payload.fp_hists).map(ofZtf), ...recordsOf(payload.prvDiaForcedSources).map(ofLsst)]
  return measured.flatMap((one) => (one && pointOf(one, { forced: true })) ?? [])
}

/** The flux is in counts (DN) of an image with the zero point `magzpsci`. */
function ofZtf(row: Fields): Measurement | undefined {
  const [at, band] = [dateOfJd(numberOf(row.jd)), BANDS[numberOf(row.fid) ?? 0]]
  const [flux, error] = [numberOf(ztfValue(row, 'forcediffimflux')), numberOf(ztfValue(row, 'forcediffimfluxunc'))]
  const zeroPoint = numberOf(row.magzpsci)
  if (at === null || band === undefined || flux === null || error === null || zeroPoint === null) return undefined
  if (String(row.procstatus ?? '0') !== '0') return undefined
  const nanojansky = 10 ** ((31.4 - zeroPoint) / 2.5)
  return { ...nothing, at, band, flux: flux * nanojansky, fluxError: error * nanojansky }
}

function ofLsst(row: Fields): Measurement | undefined {
  const [at, band, flux] = [dateOfMjdTai(numberOf(row.midpointMjdTai)), nameOf(row.band), numberOf(row.psfFlux)]
  if (at === null || band === null || flux === null) return undefined
  return { ...nothing, at, band, flux, fluxError: numberOf(row.psfFluxErr) }
}

const nothing = {
  telescope: null,
  instrument: null,
  magnitude: null,
  magnitudeError: null,
  limit: null,
  negative: false
}
