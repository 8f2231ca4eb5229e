import { deflateSync } from 'node:zlib'
import { deserialize } from 'bson'
import { expect, test } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import { inflateSync } from 'node:zlib'
import { flatLocus } from './antares.ts'
import { messageOf } from './message.ts'

const antares = codecOf('antares')
const failed = (reason: RegExp) =>
  expect.objectContaining({ code: 'DECODE_FAILED', message: expect.stringMatching(reason) })

test('what we write is BSON under zlib, as its own client opens it', () => {
  const read = deserialize(inflateSync(antares.encode(flatLocus).bytes), { useBigInt64: true })
  expect(read).toEqual(flatLocus)
})

test.each([
  ['no zlib', Buffer.from('{"id": 1}'), /compressed/],
  ['zlib of something else', deflateSync('{"id": 1}'), /BSON/],
  ['17 MB of zeros', deflateSync(Buffer.alloc(17 * 2 ** 20)), /more than \d+ bytes \(MAX_BYTES\)/]
])('%s is refused', (_title, bytes, reason) => {
  expect(() => antares.decode(messageOf(bytes))).toThrow(failed(reason))
})

test.each([[[]], ['text'], [null], [new Uint8Array()]])('no record can not be written: %s', (value) => {
  expect(() => antares.encode(value)).toThrow(expect.objectContaining({ code: 'HANDLER_FAILED' }))
})
