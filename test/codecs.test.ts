import { gzipSync } from 'node:zlib'
import type { CodecName } from '../src/codecs/index.ts'
import { codecOf } from '../src/codecs/usual.ts'
import { flatLocus, loci } from './codecs/antares.ts'
import { candidateContainer, candidateRecord } from './codecs/candidate.ts'
import { messageOf } from './codecs/message.ts'
import { type CodecHarness, codecContract } from './contract/codec.ts'

const notice =
  '{"superevent_id": "S230518h", "far": 1.5e-9, "skymap": null, "id": 472263571115115000, "text": "é \\u00e9"}'
const noticeValue = { superevent_id: 'S230518h', far: 1.5e-9, skymap: null, id: 472263571115115000n, text: 'é é' }
const values = [{ candid: 472263571115115000n, magpsf: 15.5, flags: [true, null], text: 'é' }, [], 'text', 1.5, null]

const asJson = { title: 'JSON with an id beyond 2^53', message: messageOf(notice), value: noticeValue }
const asAvro = { title: 'an Avro container', message: messageOf(candidateContainer()), value: candidateRecord }

/** A codec without a harness does not compile. */
const harnesses: Record<CodecName, CodecHarness> = {
  json: { codec: codecOf('json'), golden: [asJson], roundTrips: values },
  avro: {
    codec: codecOf('avro'),
    golden: [
      asAvro,
      { title: 'a deflated container', message: messageOf(candidateContainer('deflate')), value: candidateRecord }
    ],
    roundTrips: []
  },
  hop: {
    codec: codecOf('hop'),
    golden: [
      { ...asJson, title: 'labelled json', message: messageOf(notice, { _format: 'json' }) },
      { ...asAvro, title: 'an Avro container without a label' },
      { ...asAvro, title: 'labelled avro', message: messageOf(candidateContainer(), { _format: 'avro' }) },
      { title: 'labelled blob', message: messageOf(notice, { _format: 'blob' }), value: Buffer.from(notice) },
      { title: 'an old envelope', message: messageOf(`{"format":"blob","content":${notice}}`), value: noticeValue },
      asJson
    ],
    roundTrips: [...values, Buffer.from('bytes')]
  },
  auto: {
    codec: codecOf('auto'),
    golden: [asJson, asAvro, { ...asAvro, message: messageOf(candidateContainer(), { _format: 'Avro' }) }],
    roundTrips: values
  },
  antares: {
    codec: codecOf('antares'),
    golden: loci.map(({ title, bytes }) => ({ title, message: messageOf(bytes), value: flatLocus })),
    roundTrips: [flatLocus, { id: 'ANT2020', at: new Date(0), none: null, list: [1.5, [-5e9]] }]
  },
  gzip: {
    codec: codecOf('gzip'),
    golden: [{ ...asJson, title: 'gzipped JSON', message: messageOf(gzipSync(notice)) }, asJson],
    roundTrips: values
  },
  bytes: {
    codec: codecOf('bytes'),
    golden: [{ title: 'any bytes', message: messageOf(notice), value: Buffer.from(notice) }],
    roundTrips: [Buffer.from([0, 255, 128])]
  }
}

for (const [name, harness] of Object.entries(harnesses)) codecContract(name, harness)
