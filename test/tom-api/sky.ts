import { randomBytes } from 'node:crypto'

type Row = Readonly<Record<string, unknown>>

/** A name that no other test has. */
export function newObject(prefix = 'ZTF'): string {
  return `${prefix}${randomBytes(4).toString('hex')}`
}

/** A ZTF alert, as far as it says something to a TOM. */
export function ztfAlert(objectId: string, jd: number, more: Row = {}, history: readonly Row[] = []): Row {
  const place = { ra: 150.1756491, dec: 15.2832185 }
  const candidate = { ...place, jd, fid: 2, magpsf: 18.361856, sigmapsf: 0.094041, isdiffpos: 't', ...more }
  return { objectId, candid: 2982177112815010000n + BigInt(Math.round(jd * 10)), candidate, prv_candidates: history }
}

/** An LSST alert, as far as it says something to a TOM. `psfFlux`: nJy. */
export function lsstAlert(diaObjectId: bigint, midpointMjdTai: number, psfFlux: number): Row {
  const diaSource = { diaSourceId: diaObjectId + 1n, diaObjectId, midpointMjdTai, psfFlux, psfFluxErr: 100, band: 'g' }
  return { diaObject: { diaObjectId }, diaSource: { ...diaSource, ra: 151.5, dec: -20.25 } }
}
