import { gzipSync } from 'node:zlib'
import { avscContainer, avscType } from './container.ts'

const CANDID = 2982177112815010003n
const STAMP = gzipSync(Buffer.from('SIMPLE  =                    T'.padEnd(2880)))

/** A small alert in the shape of ZTF's: an id beyond 2^53, optional fields, history, a cut-out. */
export const candidateSchema = {
  type: 'record',
  name: 'alert',
  namespace: 'synthetic',
  fields: [
    { name: 'objectId', type: 'string' },
    { name: 'candid', type: { type: 'long' } },
    {
      name: 'candidate',
      type: {
        type: 'record',
        name: 'candidate',
        fields: [
          { name: 'jd', type: 'double' },
          { name: 'fid', type: 'int' },
          { name: 'magpsf', type: ['null', 'float'] },
          { name: 'drb', type: ['float', 'null'] },
          { name: 'ssnamenr', type: ['null', 'string'] },
          { name: 'isdiffpos', type: { type: 'enum', name: 'sign', symbols: ['t', 'f'] } }
        ]
      }
    },
    { name: 'prv_candidates', type: ['null', { type: 'array', items: 'synthetic.candidate' }] },
    { name: 'cutout', type: ['null', 'bytes'] },
    { name: 'tags', type: { type: 'map', values: 'boolean' } },
    { name: 'checksum', type: { type: 'fixed', name: 'crc', size: 4 } }
  ]
}

const detection = { jd: 2460736.6771181, fid: 2, magpsf: 15.5, drb: 0.75, ssnamenr: null, isdiffpos: 'f' }
const limit = { jd: 2460735.5, fid: 1, magpsf: null, drb: Number.NaN, ssnamenr: 'Ceres', isdiffpos: 't' }

export const candidateRecord = {
  objectId: 'ZTF17aaarzyp',
  candid: CANDID,
  candidate: detection,
  prv_candidates: [limit, detection],
  cutout: new Uint8Array(STAMP),
  tags: { new: true, bright: false },
  checksum: new Uint8Array([1, 2, 3, 255])
}

export function candidateContainer(codec?: string, copies = 1): Buffer {
  return avscContainer(candidateSchema, Array(copies).fill(wrapped()), codec)
}

/** The bare body, and the key that says how to read it. */
export function keyedCandidate(): { readonly bytes: Buffer; readonly key: Buffer } {
  return { bytes: avscType(candidateSchema).toBuffer(wrapped()), key: Buffer.from(JSON.stringify(candidateSchema)) }
}

/** As avsc wants it. */
function wrapped(): unknown {
  const wrap = ({ magpsf, drb, ssnamenr, ...others }: typeof detection | typeof limit) => ({
    ...others,
    magpsf: magpsf === null ? null : { float: magpsf },
    drb: { float: drb },
    ssnamenr: ssnamenr === null ? null : { string: ssnamenr }
  })
  return {
    ...candidateRecord,
    candidate: wrap(detection),
    prv_candidates: { array: [wrap(limit), wrap(detection)] },
    cutout: { bytes: STAMP },
    checksum: Buffer.from(candidateRecord.checksum)
  }
}
