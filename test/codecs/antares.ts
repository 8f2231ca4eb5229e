import { deflateSync } from 'node:zlib'
import { serialize } from 'bson'

const rest = {
  ra: 150.125,
  dec: -2.5,
  properties: {
    newest_alert_observation_time: 60736.25,
    ztf_object_id: 'ZTF25synth',
    num_alerts: 12,
    replaced: null,
    seen: new Date('2025-03-02T04:16:00.123Z'),
    survey: { lsst: { dia_object_id: [472263571115115000n, 169298433216610330n] } }
  },
  tags: ['nuclear_transient', 'synthetic'],
  catalogs: []
}

/** What both shapes give. */
export const flatLocus = { id: 'ANT2025synth', ...rest }

/** Written by the official BSON package. */
export const loci = [
  { title: 'a flat locus', bytes: deflateSync(serialize(flatLocus)) },
  {
    title: 'a locus of the older shape',
    bytes: deflateSync(serialize({ data: { type: 'locus', id: flatLocus.id, attributes: rest } }), { level: 1 })
  }
]
