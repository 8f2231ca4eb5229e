import type { Schema, schema } from 'avsc'

const optional = (type: schema.DefinedType): Schema => ['null', type]

function record(name: string, types: Readonly<Record<string, Schema>>, more: object = {}): schema.RecordType {
  const fields = Object.entries(types).map(([name, type]) =>
    Array.isArray(type) ? { name, type, default: null } : { name, type }
  )
  return { type: 'record', name, ...more, fields }
}

/** What detections and earlier looks at the same place have in common. */
const observation: Readonly<Record<string, Schema>> = {
  jd: 'double',
  fid: 'int',
  pid: 'long',
  diffmaglim: optional('float'),
  programid: 'int'
}

const candidate = record('ztf.alert.candidate', {
  ...observation,
  candid: 'long',
  isdiffpos: 'string',
  field: optional('int'),
  rcid: optional('int'),
  ra: 'double',
  dec: 'double',
  magpsf: 'float',
  sigmapsf: 'float',
  magap: optional('float'),
  fwhm: optional('float'),
  elong: optional('float'),
  nbad: optional('int'),
  classtar: optional('float'),
  rb: optional('float'),
  drb: optional('float'),
  ssdistnr: optional('float'),
  ssnamenr: optional('string'),
  sgscore1: optional('float'),
  distpsnr1: optional('float'),
  ndethist: 'int',
  ncovhist: 'int',
  jdstarthist: optional('double'),
  jdendhist: optional('double')
})

const previous = record('ztf.alert.prv_candidate', {
  ...observation,
  candid: optional('long'),
  isdiffpos: optional('string'),
  ra: optional('double'),
  dec: optional('double'),
  magpsf: optional('float'),
  sigmapsf: optional('float')
})

const cutout = record('ztf.alert.cutout', { fileName: 'string', stampData: 'bytes' })

/**
 * The shape of a ZTF packet with a part of its fields, in the union order of version 4: null first. What the fields
 * mean is in `ZtfAlert`.
 */
export const ztfSchema = record(
  'alert',
  {
    schemavsn: 'string',
    publisher: 'string',
    objectId: 'string',
    candid: 'long',
    candidate,
    prv_candidates: optional({ type: 'array', items: previous }),
    cutoutScience: optional(cutout),
    cutoutTemplate: optional(cutout.name),
    cutoutDifference: optional(cutout.name)
  },
  { namespace: 'ztf', version: '4.02' }
)
