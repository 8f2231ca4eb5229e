import avsc from 'avsc'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import { avscContainer, avscType, containerOf, SYNC, zigZag } from '../codecs/container.ts'
import { Archive, idsOf } from './replay.ts'

const schema = {
  type: 'record',
  name: 'alert',
  fields: [
    { name: 'candid', type: 'long' },
    { name: 'name', type: 'string' },
    { name: 'stamp', type: ['null', 'bytes'] }
  ]
}
const records = [1n, 2n, 9007199254740993n].map((candid, i) => ({
  candid: i < 2 ? Number(candid) : candid,
  name: `alert ${i}`,
  stamp: { bytes: Buffer.alloc(20_000 * i, 'stamp') }
}))
const values = records.map(({ stamp, ...rest }) => ({ ...rest, stamp: new Uint8Array(stamp.bytes) }))

describe('containers of several records', () => {
  let archive: Archive
  beforeEach(() => {
    archive = new Archive()
  })
  afterEach(() => archive.remove())

  const decoded = (bytes: Uint8Array | null) => {
    const value = codecOf('avro').decode({ bytes } as never) as { stamp: Uint8Array }
    return { ...value, stamp: new Uint8Array(value.stamp) }
  }

  test.for(['null', 'deflate', 'snappy', 'zstandard'])(
    'give a message each, in the same compression: %s',
    async (codec) => {
      archive.write('night/all.avro', avscContainer(schema, records, codec))
      const { messages, failure } = await archive.replay()
      expect(failure).toBeUndefined()
      expect(idsOf(messages)).toEqual(['night/all.avro#1', 'night/all.avro#2', 'night/all.avro#3'])
      expect(messages.map(({ bytes }) => decoded(bytes))).toEqual(values)
      const header = containerOf(schema, [], codec)
      for (const { bytes } of messages) expect(header.equals(bytes!.subarray(0, header.length))).toBe(true)
    }
  )

  test('are read by the reader of others', async () => {
    archive.write('all.avro', avscContainer(schema, records, 'deflate'))
    const { messages } = await archive.replay()
    const names = messages.map(async ({ bytes }) => {
      const decoder = new avsc.streams.BlockDecoder({ parseHook: () => avscType(schema) })
      decoder.end(bytes)
      const found: { name: string }[] = []
      for await (const one of decoder) found.push(one)
      return found.map(({ name }) => name)
    })
    expect(await Promise.all(names)).toEqual([['alert 0'], ['alert 1'], ['alert 2']])
  })

  test('one record stays as it is, byte for byte; a block of one record too', async () => {
    const one = avscContainer(schema, records.slice(0, 1), 'deflate')
    archive.write('one.avro', one)
    const type = avscType(schema)
    const blocks = records.map((record) => ({ records: 1, bytes: type.toBuffer(record) }))
    archive.write('three.avro', containerOf(schema, blocks, 'snappy'))
    const { messages } = await archive.replay()
    expect(idsOf(messages)).toEqual(['one.avro', 'three.avro#1', 'three.avro#2', 'three.avro#3'])
    expect(one.equals(messages[0]!.bytes!)).toBe(true)
    for (const [i, { bytes }] of messages.slice(1).entries()) {
      expect(containerOf(schema, [blocks[i]!], 'snappy').equals(bytes!)).toBe(true)
    }
  })

  test('RECORDS_APART: false leaves them together', async () => {
    const all = avscContainer(schema, records)
    archive.write('all.avro', all)
    const { messages } = await archive.replay({ RECORDS_APART: false })
    expect(idsOf(messages)).toEqual(['all.avro'])
    expect(all.equals(messages[0]!.bytes!)).toBe(true)
  })

  test('an empty one is named', async () => {
    archive.write('none.avro', containerOf(schema, []))
    expect((await archive.replay()).messages).toEqual([])
    expect(archive.log.texts('warn')).toEqual(['none.avro holds no alert'])
  })

  test('behind a damaged block the others are read, and the damage is an alert that nobody can decode', async () => {
    const type = avscType(schema)
    const block = (number: number) => ({ records: 2, bytes: Buffer.concat([type.toBuffer(records[number]), type.toBuffer(records[0])]) }) // biome-ignore format: one line
    const whole = containerOf(schema, [block(0), block(1), block(2)])
    const [first] = [whole.indexOf(SYNC) + SYNC.length]
    const second = whole.indexOf(SYNC, first) + SYNC.length
    // The length of the second block.
    whole[second + 1] = whole[second + 1]! ^ 0x40
    archive.write('all.avro', whole)
    const { messages, failure } = await archive.replay()
    expect(failure).toBeUndefined()
    expect(idsOf(messages)).toEqual([1, 2, 3, 4, 5].map((number) => `all.avro#${number}`))
    expect(archive.log.texts('error')).toEqual([expect.stringMatching(new RegExp(`all.avro is damaged at byte ${second}: .* taken as all.avro#3`))]) // biome-ignore format: one line
    const read = messages.map(({ bytes }) => {
      try {
        return (decoded(bytes) as unknown as { name: string }).name
      } catch {
        return 'broken'
      }
    })
    expect(read).toEqual(['alert 0', 'alert 0', 'broken', 'alert 2', 'alert 0'])
  })

  test('cut anywhere: what is whole is read, nothing hangs, nothing is lost in silence', async () => {
    const type = avscType(schema)
    const small = [0, 1, 2].map((i) => type.toBuffer({ candid: i, name: 'x'.repeat(i), stamp: null }))
    const blocks = [
      { records: 2, bytes: Buffer.concat(small.slice(0, 2)) },
      { records: 1, bytes: small[2]! }
    ]
    const whole = containerOf(schema, blocks)
    for (let length = 1; length < whole.length; length++)
      archive.write(`${String(length).padStart(4, '0')}.avro`, whole.subarray(0, length))
    const { messages, failure } = await archive.replay()
    expect(failure).toBeUndefined()
    const firstEnd = containerOf(schema, blocks.slice(0, 1)).length
    const header = containerOf(schema, []).length
    for (let length = 1; length < whole.length; length++) {
      const name = `${String(length).padStart(4, '0')}.avro`
      const found = messages.filter(({ id }) => id.startsWith(name))
      const good = found.filter(({ bytes }) => {
        try {
          return codecOf('avro').decode({ bytes } as never) !== undefined
        } catch {
          return false
        }
      })
      expect(good.length, name).toBe(length < firstEnd ? 0 : 2)
      expect(found.length - good.length, name).toBe(length === firstEnd || length === header ? 0 : 1)
    }
  }, 30_000)

  test('a block far too large, and one whose records cannot be told apart, come as they are', async () => {
    const odd = containerOf(schema, [{ records: 3, bytes: Buffer.from([0xff, 0xff]) }])
    archive.write('odd.avro', odd)
    const huge = Buffer.concat([containerOf(schema, []), zigZag(2), zigZag(2 ** 40), Buffer.alloc(100)])
    archive.write('huge.avro', huge)
    const { messages } = await archive.replay()
    expect(messages.map(({ bytes }) => Buffer.from(bytes!))).toEqual([huge, odd])
    expect(archive.log.texts('error')).toEqual([expect.stringContaining('a block of 1099511627776 bytes')])
  })
})
