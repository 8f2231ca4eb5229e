// In a project of your own: import type { Handler } from 'alertstreams'
import type { Handler } from '../../src/index.ts'

interface Ztf {
  objectId: string
  candid: bigint
  /** fid: filter; magpsf: AB magnitude; ra, dec: degrees, ICRS. */
  candidate: { fid: number; magpsf: number; ra: number; dec: number }
  prv_candidates: { fid: number; magpsf: number | null }[] | null
}

/** Passes every alert on, and adds a note about those that are brighter than last time by OPTIONS.STEP magnitudes. */
export const brightening: Handler<Ztf> = (alert, { options }) => {
  const { objectId, candid, candidate, prv_candidates } = alert.payload()
  const { fid, magpsf, ra, dec } = candidate
  const before = prv_candidates?.findLast((earlier) => earlier.fid === fid && earlier.magpsf !== null)?.magpsf
  if (before == null || before - magpsf < Number(options.STEP)) return alert
  return [
    alert,
    { sink: 'brightening', topic: 'brightening', value: { objectId, candid, ra, dec, fid, before, magpsf } }
  ]
}
