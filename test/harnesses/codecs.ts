import { deflateSync, gzipSync } from 'node:zlib'
import type { CodecName } from '../../src/codecs/index.ts'
import { codecOf } from '../../src/codecs/usual.ts'
import { flatLocus, loci } from '../codecs/antares.ts'
import { candidateContainer, candidateRecord, keyedCandidate } from '../codecs/candidate.ts'
import { lsstAlert } from '../codecs/lsst-sample.ts'
import { packetOf } from '../codecs/gcn-packet.ts'
import { messageOf } from '../codecs/message.ts'
import type { CodecHarness } from '../contract/codec.ts'

const notice =
  '{"superevent_id": "S230518h", "far": 1.5e-9, "skymap": null, "id": 472263571115115000, "text": "é \\u00e9"}'
const noticeValue = { superevent_id: 'S230518h', far: 1.5e-9, skymap: null, id: 472263571115115000n, text: 'é é' }
const values = [{ candid: 472263571115115000n, magpsf: 15.5, flags: [true, null], text: 'é' }, [], 'text', 1.5, null]

const asJson = { title: 'JSON with an id beyond 2^53', message: messageOf(notice), value: noticeValue }
const asAvro = { title: 'an Avro container', message: messageOf(candidateContainer()), value: candidateRecord }
const keyed = keyedCandidate()
const asKeyed = {
  title: 'bare Avro, its schema in the key',
  message: { ...messageOf(keyed.bytes), key: keyed.key },
  value: candidateRecord
}
const lsstSample = lsstAlert(1101)
const lsst = {
  title: "an LSST alert, its schema's id in front",
  message: messageOf(lsstSample.bytes),
  value: lsstSample.value
}

const voevent = `<?xml version="1.0"?><voe:VOEvent xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0" ivorn="ivo://a/b#c">
<Who><Date>2024-01-01T00:00:00</Date></Who><What><Param name="far" value="1e-9">&lt;1 <![CDATA[&]]></Param><Param name="é"/></What>
</voe:VOEvent>`
const voeventValue = {
  ivorn: 'ivo://a/b#c',
  role: 'observation',
  version: '2.0',
  Who: { Date: '2024-01-01T00:00:00' },
  What: { Param: [{ name: 'far', value: '1e-9', '#text': '<1 &' }, { name: 'é' }] }
}
const textNotice =
  'TITLE:   GCN NOTICE\nSRC_RA:  103.78d {+06h} (J2000),\n         104.11d (current)\nCOMMENTS: one\nCOMMENTS: é\n'
const textValue = { title: 'GCN NOTICE', src_ra: '103.78d {+06h} (J2000),\n104.11d (current)', comments: 'one\né' }
const circular = '{"header": {"title": "GCN CIRCULAR", "number": "40"}, "body": "Text"}'
const gwAlert =
  '{"alert_type": "INITIAL", "event": {"far": 1e-9, "skymap": "U0lNUExFICA9AP8="}, "external_coinc": null}'
const skymap = Uint8Array.from(Buffer.from('SIMPLE  =\0\xff', 'latin1'))
const gwValue = { alert_type: 'INITIAL', event: { far: 1e-9, skymap }, external_coinc: null }
const packetValue = {
  ...{
    packet_type: 61,
    serial_number: 1,
    hop_count: 0,
    seconds_of_day: 0,
    trigger_number: 0,
    tjd: 0,
    sod: 0,
    ra: 0,
    dec: 0
  },
  words: [61, 1, ...Array(38).fill(0)]
}
const on = (topic: string, body: string | Buffer) => ({ ...messageOf(body), topic })

/** A codec without a harness does not compile. */
export const harnesses: Record<CodecName, CodecHarness> = {
  json: { codec: codecOf('json'), golden: [asJson], roundTrips: values },
  avro: {
    codec: codecOf('avro'),
    golden: [
      asAvro,
      { title: 'a deflated container', message: messageOf(candidateContainer('deflate')), value: candidateRecord }
    ],
    roundTrips: [...values, candidateRecord]
  },
  confluent: {
    codec: codecOf('confluent'),
    golden: [lsst],
    roundTrips: []
  },
  'avro-key': { codec: codecOf('avro-key'), golden: [asKeyed], roundTrips: [] },
  hop: {
    codec: codecOf('hop'),
    golden: [
      { ...asJson, title: 'labelled json', message: messageOf(notice, { _format: 'json' }) },
      { ...asAvro, title: 'an Avro container without a label' },
      { ...asAvro, title: 'labelled avro', message: messageOf(candidateContainer(), { _format: 'avro' }) },
      { title: 'labelled blob', message: messageOf(notice, { _format: 'blob' }), value: Buffer.from(notice) },
      { title: 'a VOEvent', message: messageOf(voevent, { _format: 'voevent' }), value: voeventValue },
      { title: 'a text notice', message: messageOf(textNotice, { _format: 'gcntextnotice' }), value: textValue },
      { title: 'a circular', message: messageOf(circular, { _format: 'circular' }), value: JSON.parse(circular) },
      {
        title: 'a placeholder',
        message: messageOf('{"url": "https://a.example/1"}', { _format: 'external' }),
        value: { url: 'https://a.example/1' }
      },
      { title: 'an old envelope', message: messageOf(`{"format":"blob","content":${notice}}`), value: noticeValue },
      asJson
    ],
    roundTrips: [...values, Buffer.from('bytes')]
  },
  gcn: {
    codec: codecOf('gcn'),
    golden: [
      { ...asJson, title: 'a notice', message: on('gcn.notices.swift.bat.guano', notice) },
      { title: 'classic text', message: on('gcn.classic.text.SWIFT_BAT_QL_POS', textNotice), value: textValue },
      { title: 'classic VOEvent', message: on('gcn.classic.voevent.LVC_INITIAL', voevent), value: voeventValue },
      { title: 'a packet', message: on('gcn.classic.binary.SWIFT_BAT_QL_POS', packetOf([61, 1])), value: packetValue },
      { title: 'a sky map', message: on('igwn.gwalert', gwAlert), value: gwValue },
      asJson
    ],
    roundTrips: values
  },
  auto: {
    codec: codecOf('auto'),
    golden: [
      asJson,
      asAvro,
      lsst,
      asKeyed,
      { ...asAvro, message: messageOf(candidateContainer(), { _format: 'Avro' }) },
      { ...asJson, title: 'gzipped JSON', message: messageOf(gzipSync(notice)) },
      { ...asAvro, title: 'an Avro container under zlib', message: messageOf(deflateSync(candidateContainer())) },
      ...loci.map(({ title, bytes }) => ({ title, message: messageOf(bytes), value: flatLocus }))
    ],
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
