import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { create } from 'tar'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lineOf } from '../../src/archive/message-line.ts'
import { sourceOf } from '../contract/sink-bench.ts'
import { avscContainer } from '../codecs/container.ts'
import { Archive, idsOf, textsOf } from './replay.ts'

const line = (text: string) =>
  lineOf(sourceOf({ publishedAt: undefined }), { key: null, headers: [], bytes: Buffer.from(text) })
const longName = `${'a-very-long-folder-name/'.repeat(8)}${'n'.repeat(120)}.json`

describe('packed archives', () => {
  let archive: Archive
  let inside: Archive
  beforeEach(() => {
    archive = new Archive()
    inside = new Archive()
  })
  afterEach(() => {
    archive.remove()
    inside.remove()
  })

  /** A tar archive of these files, in this order. */
  function tarOf(files: Readonly<Record<string, Uint8Array | string>>, gzip = false): Buffer {
    for (const [name, bytes] of Object.entries(files)) inside.write(name, bytes)
    const file = join(inside.folder, '..', `${inside.folder.split('/').at(-1)}.tar`)
    create({ cwd: inside.folder, file, gzip, sync: true, portable: true }, Object.keys(files))
    return readFileSync(file)
  }

  test('gzip of any supported file is read as that file', async () => {
    archive.write('a.ndjson.gz', gzipSync(line('one') + line('two')))
    archive.write('b.json.gz', gzipSync('{"three":3}'))
    // Several members behind each other, as those write who append.
    archive.write('c.jsonl.gz', Buffer.concat([gzipSync(line('four').slice(0, 20)), gzipSync(line('four').slice(20))]))
    archive.write('d.avro.gz', gzipSync(avscContainer({ type: 'string' }, ['five', 'six'])))
    archive.write('e.txt.gz', gzipSync('not ours'))
    const { messages, failure } = await archive.replay()
    expect(failure).toBeUndefined()
    expect(textsOf(messages).slice(0, 4)).toEqual(['one', 'two', '{"three":3}', 'four'])
    expect(idsOf(messages)).toEqual(['a.ndjson.gz#1', 'a.ndjson.gz#2', 'b.json.gz', 'c.jsonl.gz#1', 'd.avro.gz#1', 'd.avro.gz#2']) // biome-ignore format: one line
    expect(textsOf((await archive.replay({ PATH: ['e.txt.gz'] })).messages)).toEqual(['not ours'])
  })

  test.for([
    ['ztf_public_20250302.tar', false],
    ['ztf_public_20250302.tar.gz', true],
    ['ztf_public_20250302.tgz', true]
  ] as const)('each file in %s is a file', async ([name, gzip]) => {
    archive.write(
      `archive/${name}`,
      tarOf(
        {
          'one.json': '{"one":1}',
          '.hidden.json': '{}',
          'read-me.md': '#',
          'night/lines.ndjson': line('two') + line('three'),
          'night/big.json.gz': gzipSync(`"${'4'.repeat(500_000)}"`),
          [longName]: '{"five":5}'
        },
        gzip
      )
    )
    const { messages, failure } = await archive.replay()
    expect(failure).toBeUndefined()
    const at = `archive/${name}`
    expect(idsOf(messages)).toEqual([
      `${at}/one.json`,
      `${at}/night/lines.ndjson#1`,
      `${at}/night/lines.ndjson#2`,
      `${at}/night/big.json.gz`,
      `${at}/${longName}`
    ])
    expect(messages.map(({ topic }) => topic)).toEqual([
      'ztf_public_20250302',
      'origin',
      'origin',
      'night',
      'a-very-long-folder-name'
    ])
    expect(textsOf(messages).at(-1)).toBe('{"five":5}')
    expect(messages[0]!.publishedAt).toEqual(new Date('2025-03-02'))
  })

  test.for(['gnu', 'ustar', 'pax', 'v7'])('archives that tar itself writes as %s', async (format) => {
    const names = ['a.json', ...(format === 'v7' || format === 'ustar' ? [] : [longName])]
    for (const name of names) inside.write(name, JSON.stringify(name))
    const file = join(archive.folder, 'all.tar')
    execFileSync('tar', [`--format=${format}`, '-cf', file, '-C', inside.folder, '.'])
    const { messages, failure } = await archive.replay()
    expect(failure).toBeUndefined()
    expect(textsOf(messages).toSorted()).toEqual(names.map((name) => JSON.stringify(name)).toSorted())
  })

  test('an archive within an archive is passed over, and named', async () => {
    const inner = tarOf({ 'x.json': '{}' })
    archive.write('outer.tar', tarOf({ 'inner.tar': inner, 'y.json': '{}' }))
    expect(idsOf((await archive.replay()).messages)).toEqual(['outer.tar/y.json'])
    expect(archive.log.texts('warn')).toEqual(['outer.tar/inner.tar is passed over: an archive within an archive'])
  })

  describe('damage', () => {
    const files = Object.fromEntries([0, 1, 2, 3].map((i) => [`${i}.json`, JSON.stringify(`${i}`.repeat(2000))]))

    test.for([
      ['tar', false],
      ['tar.gz', true]
    ] as const)('a %s cut anywhere: what is whole is read, the rest is an error, nothing hangs', async ([, gzip]) => {
      const whole = tarOf(files, gzip)
      const step = Math.ceil(whole.length / 40)
      for (let length = 0; length < whole.length; length += step) {
        const cut = new Archive()
        const name = `cut.tar${gzip ? '.gz' : ''}`
        cut.write(name, whole.subarray(0, length))
        cut.write('whole.json', '"whole"')
        const { messages, failure } = await cut.replay()
        const texts = textsOf(messages)
        const complete = Object.values(files).filter((text) => texts.includes(text))
        expect(texts.at(-1)).toBe('"whole"')
        expect(texts.length - 1).toBe(complete.length)
        if (!gzip) expect(complete.length).toBe(Math.min(4, Math.floor((length + 46) / 2560)))
        const cleanEnd = !gzip && ((length + 46) % 2560 <= 46 || length >= 4 * 2560)
        if (cleanEnd) expect(failure).toBeUndefined()
        else {
          expect(failure).toMatchObject({
            code: 'ARCHIVE_DAMAGED',
            message: expect.stringMatching(new RegExp(`${name} cannot be read from byte \\d+ on: `))
          })
          expect(cut.log.texts('error')).toHaveLength(1)
        }
        cut.remove()
      }
    })

    test('a header that is not one is named with its place', async () => {
      const whole = tarOf(files)
      whole[2560 + 3] = 0x58
      archive.write('bad.tar', whole)
      const { messages, failure } = await archive.replay()
      expect(textsOf(messages)).toEqual([files['0.json']])
      expect(failure).toMatchObject({ message: expect.stringContaining('bad.tar cannot be read from byte 2560 on') })
    })

    test('a damaged gzip within a tar leaves those behind it readable', async () => {
      const packed = gzipSync('{"a":1}')
      packed[12] = packed[12]! ^ 0xff
      archive.write('all.tar', tarOf({ 'a.json.gz': packed, 'b.json': '{}' }))
      const { messages, failure } = await archive.replay()
      expect(idsOf(messages)).toEqual(['all.tar/b.json'])
      expect(failure).toMatchObject({ message: expect.stringContaining('all.tar/a.json.gz cannot be read from byte') })
    })

    test('lines before the damage of a gzip are read', async () => {
      // Noise, so that what is packed is long.
      const lines = Array.from({ length: 400 }, (_, i) => line(`${i} ${Math.sin(i)} ${Math.cos(i)}`.repeat(20)))
      const whole = gzipSync(lines.join(''))
      archive.write('a.ndjson.gz', whole.subarray(0, whole.length / 2))
      archive.write('b.json', '{}')
      const { messages, failure } = await archive.replay()
      expect(messages.length).toBeGreaterThan(100)
      expect(messages.length).toBeLessThan(300)
      expect(idsOf(messages).slice(0, -1)).toEqual(messages.slice(0, -1).map((_, i) => `a.ndjson.gz#${i + 1}`))
      expect(idsOf(messages).at(-1)).toBe('b.json')
      expect(failure).toMatchObject({ message: expect.stringMatching(/a\.ndjson\.gz .* unexpected end of file/) })
    })

    test('a file that is gone does not keep the others from being read', async () => {
      const gone = archive.write('a.json', '{}')
      archive.write('b.json', '{}')
      const { messages, failure } = await archive.replay({}, { meanwhile: () => rmSync(gone) })
      expect(idsOf(messages)).toEqual(['b.json'])
      expect(failure).toMatchObject({ message: expect.stringMatching(/a\.json cannot be read from byte 0 on: ENOENT/) })
    })
  })

  describe('bombs', () => {
    const zeros = gzipSync(Buffer.alloc(80_000_000))

    test.for(['bomb.json.gz', 'bomb.ndjson.gz'])('%s is given up at the bound', async (name) => {
      archive.write(name, zeros)
      archive.write('z.json', '"whole"')
      const { messages, failure } = await archive.replay()
      expect(textsOf(messages)).toEqual(['"whole"'])
      expect(failure).toMatchObject({ message: expect.stringContaining(`more than ${64 * 1024 * 1024} bytes`) })
    })

    test('zeros behind a container are one alert that nobody can decode, or given up at the bound', async () => {
      const start = avscContainer({ type: 'string' }, ['one'])
      archive.write('bomb.avro.gz', gzipSync(Buffer.concat([start, Buffer.alloc(80_000_000)])))
      archive.write('z.json', '"whole"')
      const { messages, failure } = await archive.replay()
      expect(idsOf(messages)).toEqual(['bomb.avro.gz', 'z.json'])
      expect(failure).toMatchObject({ message: expect.stringContaining('bomb.avro.gz cannot be read from byte') })
    })
  })
})
