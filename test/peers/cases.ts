import { join } from 'node:path'
import type { Script } from './peer.ts'

/** A format on its way from a peer to our program and back. */
export interface Case {
  /** As docs/formats.md calls it. */
  readonly format: string
  /** Instead of Kafka. */
  readonly by?: 'Pub/Sub'
  /** Its name where it matters, to the codec or the peer; else that of the case. */
  readonly topic?: string
  readonly writer: Script
  /** What the writer's script publishes, and how. */
  readonly written: { readonly messages: string; readonly [setting: string]: unknown }
  /** Reads what we write; left out: the writer's own. */
  readonly reader?: Script
  /** Of the route; undefined: the stream's own. */
  readonly codec: unknown
  /** Of the sink; null: we have no way to write it. */
  readonly back: { readonly codec?: unknown; readonly compression?: string; readonly asItCame?: boolean } | null
  /** Packages that the writer and the reader used beside their own. */
  readonly with?: readonly string[]
  /** What a reader of the table should know. */
  readonly note?: string
  /** Bytes bypass a sink's codec. */
  readonly label?: string
  /** Larger than its topic takes: it goes by way of an HTTP service, for which one must be somebody. */
  readonly large?: boolean
  /** JSON as we write it has no NaN. */
  readonly nanAsNull?: boolean
  /** Reads packets of third parties. */
  readonly real?: boolean
}

const hop = (format: string, messages: string, FORMAT: string, more: Partial<Case> = {}): Case => ({
  format: `Hopskotch ${format}`,
  writer: 'hop_peer.py',
  written: { messages },
  codec: 'hop',
  back: { codec: { NAME: 'hop', FORMAT } },
  ...more
})

const gcn = (format: string, messages: string, topic: string, back: Case['back']): Case => ({
  format: `GCN ${format}`,
  topic,
  writer: 'gcn_peer.py',
  written: { messages },
  codec: 'gcn',
  back
})

const kafka = (format: string, messages: string, codec: unknown, more: Partial<Case> = {}): Case => ({
  format,
  writer: 'kafka_peer.py',
  ...(messages === 'container' && { with: ['fastavro'] }),
  written: { messages },
  codec,
  back: { codec },
  ...more
})

const container = (codec: string): Case =>
  kafka(`Avro container, ${codec}`, 'container', 'avro', {
    written: { messages: 'container', codec },
    note: 'ours is not compressed'
  })

const compressed = (compression: string): Case =>
  kafka(`record batches compressed with ${compression}`, 'json', 'json', {
    written: { messages: 'json', compression },
    back: { codec: 'json', compression }
  })

const lsst = (version: string): [string, Case] => {
  const [major, minor] = version.split('.').map(Number) as [number, number]
  const one: Case = {
    format: `LSST alert ${version}, by our bundle of schemas`,
    by: 'Pub/Sub',
    writer: 'pittgoogle_peer.py',
    written: { messages: `lsst ${version}` },
    codec: 'confluent',
    back: { codec: { NAME: 'confluent', SCHEMA_ID: major * 100 + minor } }
  }
  return [`lsst-${version}`, one]
}

/** Those that pittgoogle-client knows. */
const lsstVersions = ['7.0', '7.1', '7.2', '7.3', '7.4', '8.0', '9.0', '10.0', '11.0', '11.1']

const locus = (format: string, messages: string): Case => ({
  format: `ANTARES, ${format}`,
  topic: `client.extragalactic_${messages}`,
  writer: 'antares_peer.py',
  written: { messages },
  codec: 'antares',
  back: { codec: 'antares' },
  note: 'it has no producer: its bson and zlib were used'
})

const pittGoogle = (format: string, messages: string, codec: unknown, back: unknown): Case => ({
  format: `Pub/Sub, ${format}`,
  by: 'Pub/Sub',
  writer: 'pittgoogle_peer.py',
  written: { messages },
  codec,
  back: { codec: back }
})

const schemaFile = (name: string) => join(import.meta.dirname, `schemas/${name}.avsc`)

const asItCame = { asItCame: true }
const asGcn = { codec: 'gcn' }

export const cases: Readonly<Record<string, Case>> = {
  'hop-json': hop('json', 'json', 'json'),
  'hop-plain': hop('json, of plain values', 'plain', 'json'),
  'hop-nan': hop('json with bare NaN', 'nan', 'json', { nanAsNull: true }),
  'hop-avro': hop('avro', 'avro', 'avro'),
  'hop-inferred': hop('avro without a schema', 'inferred', 'avro'),
  'hop-blob': hop('blob', 'blob', 'blob', { label: 'blob' }),
  'hop-voevent': hop('voevent', 'voevent', 'voevent'),
  'hop-notice': hop('gcntextnotice', 'gcntextnotice', 'gcntextnotice'),
  'hop-circular': hop('circular', 'circular', 'circular'),
  'hop-placeholder': hop('external, not fetched', 'external', '', {
    codec: { NAME: 'hop', FETCH_EXTERNAL: false },
    back: null
  }),
  'hop-large': hop('messages too large for their topic', 'large', 'avro', {
    written: { messages: 'large', large: true },
    codec: undefined,
    large: true
  }),
  'hop-envelope': hop("messages without headers (hop-client's before 0.8)", 'envelope', 'json', {
    writer: 'kafka_peer.py',
    reader: 'hop_peer.py'
  }),
  'gcn-notices': gcn('JSON notices', 'notices', 'gcn.notices.swift.bat.guano', asGcn),
  'gcn-circulars': gcn('circulars', 'circulars', 'gcn.circulars', asGcn),
  'gcn-heartbeat': gcn('heartbeat', 'heartbeat', 'gcn.heartbeat', asGcn),
  'gcn-gwalert': gcn('igwn.gwalert with sky maps', 'gwalert', 'igwn.gwalert', asGcn),
  'gcn-text': gcn('classic text', 'text', 'gcn.classic.text.AMON_ICECUBE_COINC', asItCame),
  'gcn-voevent': gcn('classic VOEvent', 'voevent', 'gcn.classic.voevent.LVC_INITIAL', asItCame),
  'gcn-binary': gcn('classic binary', 'binary', 'gcn.classic.binary.SWIFT_BAT_QL_POS', asItCame),
  'avro-container': kafka('Avro container (ZTF 4.02, synthetic)', 'container', 'avro', {
    back: { codec: { NAME: 'avro', SCHEMA: ['ztf.avsc'] } }
  }),
  'avro-deflate': container('deflate'),
  'avro-snappy': container('snappy'),
  'avro-zstandard': container('zstandard'),
  'avro-real': kafka('Avro container (ZTF 3.3 and 4.02, real)', 'container', 'avro', {
    written: { messages: 'container', packets: 'real' },
    real: true
  }),
  'avro-bare': kafka(
    'bare Avro by a configured schema (ALeRCE)',
    'bare',
    { NAME: 'avro', SCHEMA: [schemaFile('alerce')] },
    {
      with: ['fastavro'],
      note: 'ours is a container'
    }
  ),
  'avro-registry': {
    format: 'Confluent framing with a schema registry',
    writer: 'registry_peer.py',
    with: ['fastavro'],
    written: { messages: 'packets' },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the program fills it in
    codec: { NAME: 'confluent', REGISTRY: '${REGISTRY}' },
    back: { codec: { NAME: 'confluent', SCHEMA: ['ztf.avsc'], SCHEMA_ID: 1 } }
  },
  ...Object.fromEntries(lsstVersions.map(lsst)),
  'fink-key': {
    format: "Avro with the writer's schema in the key (Fink)",
    writer: 'fink_peer.py',
    with: ['fastavro'],
    written: { messages: 'alerts' },
    codec: 'avro-key',
    back: { codec: { NAME: 'avro-key', SCHEMA: [schemaFile('fink')] } },
    note: 'it has no producer: its encode_into_avro was used'
  },
  'antares-flat': locus('its flat shape', 'flat'),
  'antares-nested': locus('its older shape', 'nested'),
  'pubsub-json': pittGoogle('ZTF as JSON', 'ztf json', 'json', 'json'),
  'pubsub-container': pittGoogle('ZTF container', 'ztf avro', 'avro', { NAME: 'avro', SCHEMA: ['ztf.avsc'] }),
  'json-lasair': kafka('JSON with 18-digit ids and NaN (Lasair)', 'lasair', 'json', { nanAsNull: true }),
  'json-gzip': kafka('gzipped JSON', 'gzip', 'gzip'),
  'batch-none': compressed('none'),
  'batch-gzip': compressed('gzip'),
  'batch-snappy': compressed('snappy'),
  'batch-lz4': compressed('lz4'),
  'batch-zstd': compressed('zstd')
}
