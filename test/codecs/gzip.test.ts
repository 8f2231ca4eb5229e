import { deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { MakeCodec } from '../../src/contract/codec.ts'
import { codec } from '../../src/codecs/option.ts'
import { isWrapped, unwrap } from '../../src/codecs/unwrap.ts'
import { RecordingLog } from '../contract/log.ts'
import { candidateContainer, candidateRecord } from './candidate.ts'
import { messageOf } from './message.ts'

const body = Buffer.from('{"id":472263571115115000}')
const setup = { log: new RecordingLog(), baseDir: '.', stateDir: '.' }
const made = (options: object) => (codec('').read({ NAME: 'gzip', ...options }) as { value: MakeCodec }).value(setup)

describe('what is compressed as a whole', () => {
  test.each([
    ['gzip', gzipSync(body)],
    ['two members of gzip', Buffer.concat([gzipSync(body.subarray(0, 9)), gzipSync(body.subarray(9))])],
    ['zlib', deflateSync(body)],
    ['zlib, level 1', deflateSync(body, { level: 1 })],
    ['not at all', body]
  ])('%s', (_title, bytes) => {
    expect(Buffer.from(unwrap(bytes, { bytes: 25 }))).toEqual(body)
    expect(isWrapped(bytes)).toBe(bytes !== body)
  })

  test.each(['x', 'xyz', '{}', '', '\u001f'])('the text %j is not compressed', (text) => {
    expect(isWrapped(Buffer.from(text))).toBe(false)
  })

  test('one byte more than allowed is refused', () => {
    expect(() => unwrap(gzipSync(body), { bytes: 24 })).toThrow(/more than 24 bytes \(MAX_BYTES\)/)
  })

  test('damage is refused', () => {
    const bytes = gzipSync(body)
    bytes[bytes.length - 5]! ^= 1
    expect(() => unwrap(bytes, { bytes: 100 })).toThrow(/compressed/)
  })
})

test('INSIDE names the codec inside, with the same limits', () => {
  const avro = made({ INSIDE: 'avro' })
  expect(avro.decode(messageOf(gzipSync(candidateContainer())))).toEqual(candidateRecord)
  expect(made({ INSIDE: 'bytes' }).decode(messageOf(deflateSync(body)))).toEqual(body)
  const bounded = made({ MAX_BYTES: 10 })
  expect(() => bounded.decode(messageOf(gzipSync(body)))).toThrow(expect.objectContaining({ code: 'DECODE_FAILED' }))
})
