import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import type { Message } from '../../src/contract/alert.ts'
import { candidateContainer, candidateRecord, candidateSchema, keyedCandidate } from './candidate.ts'
import { madeCodec } from './made.ts'
import { messageOf } from './message.ts'

const folder = mkdtempSync(join(tmpdir(), 'avro-key-'))
afterAll(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'candidate.avsc'), JSON.stringify(candidateSchema))
const setup = { baseDir: folder }

const { bytes, key } = keyedCandidate()
const keyed = (key: string | Uint8Array | null): Message => ({
  ...messageOf(bytes),
  key: typeof key === 'string' ? Buffer.from(key) : key
})
const failure = (text: string) =>
  expect.objectContaining({ code: 'DECODE_FAILED', message: expect.stringContaining(text) })

describe('a schema in the key', () => {
  const codec = madeCodec('avro-key', { SCHEMAS: { 'fink_1.0': 'candidate.avsc' } }, setup)

  test('is what the body is read by', () => {
    expect(codec.decode(keyed(key))).toEqual(candidateRecord)
    expect(codec.decode(keyed(key), [['candidate', 'drb']])).toEqual({ candidate: { drb: 0.75 } })
    expect(codecOf('auto').decode(keyed(key))).toEqual(candidateRecord)
    expect(codecOf('auto').projects!(keyed(key))).toBe(true)
  })

  test('may be named, and have a file', () => expect(codec.decode(keyed('fink_1.0'))).toEqual(candidateRecord))

  test('containers have their own', () => {
    expect(codec.decode({ ...messageOf(candidateContainer()), key: Buffer.from('x') })).toEqual(candidateRecord)
  })

  test.each([
    ['fink_2.0', 'names the schema "fink_2.0", which is not in SCHEMAS'],
    [null, 'has no key'],
    ['{"type":', 'not valid Avro'],
    ['"string"', 'left over']
  ])('%s is refused', (key, text) => expect(() => codec.decode(keyed(key))).toThrow(failure(text)))

  test('the remedy says what to set', () => {
    expect(() => codec.decode(keyed('other'))).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('SCHEMAS') })
    )
  })

  test('is written where SCHEMA gives one', () => {
    const writer = madeCodec('avro-key', { SCHEMA: 'candidate.avsc' }, setup)
    const encoded = writer.encode(candidateRecord)
    expect(JSON.parse(Buffer.from(encoded.key!).toString())).toEqual(candidateSchema)
    expect(encoded.headers).toEqual([])
    expect(writer.decode({ ...messageOf(null), ...encoded })).toEqual(candidateRecord)
    expect(() => codec.encode(candidateRecord)).toThrow(expect.objectContaining({ code: 'HANDLER_FAILED' }))
  })
})

test('a schema in a header', () => {
  const codec = madeCodec('avro-key', { HEADER: 'schema', SCHEMA: 'candidate.avsc' }, setup)
  expect(codec.decode(messageOf(bytes, { other: 'x', schema: key.toString() }))).toEqual(candidateRecord)
  expect(() => codec.decode(keyed(key))).toThrow(failure('has no header schema'))
  const encoded = codec.encode(candidateRecord)
  expect(encoded.key).toBeUndefined()
  expect(codec.decode({ ...messageOf(null), ...encoded })).toEqual(candidateRecord)
})

describe('auto', () => {
  const auto = codecOf('auto')

  test('JSON beside a schema in the key is JSON', () => {
    for (const text of ['{"a": 1}', '[1]']) {
      expect(auto.decode({ ...messageOf(text), key })).toEqual(JSON.parse(text))
    }
  })

  test('a body whose first byte is a digit is Avro where the key says so', () => {
    const schema = '{"type":"record","name":"r","fields":[{"name":"id","type":"int"}]}'
    expect(auto.decode({ ...messageOf('0'), key: Buffer.from(schema) })).toEqual({ id: 24 })
  })

  test('other keys are no schema', () => {
    for (const key of ['{}', '{"objectId": "ZTF17aaarzyp"}', 'ZTF17aaarzyp', '']) {
      expect(auto.decode({ ...messageOf('7'), key: Buffer.from(key) })).toBe(7)
    }
  })

  test('an id that no registry is known for is refused, with the way to read it', () => {
    expect(() => auto.decode(messageOf(Buffer.from([0, 0, 0, 0, 7, 1])))).toThrow(
      expect.objectContaining({ code: 'DECODE_FAILED', remedy: expect.stringContaining('REGISTRY') })
    )
  })

  test('with a registry, it has schemas fetched', async () => {
    const codec = madeCodec('auto', { REGISTRY: 'http://127.0.0.1:9/', TIMEOUT: 1 }, { stateDir: folder })
    const { signal } = new AbortController()
    await expect(codec.prepare!(messageOf(Buffer.from([0, 0, 0, 0, 7, 1])), signal)).rejects.toThrow(
      expect.objectContaining({ code: 'FETCH_FAILED' })
    )
    expect(codec.prepare!(messageOf('{}'), signal)).toBeUndefined()
  })
})
