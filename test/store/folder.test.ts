import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FolderStore } from '../../src/store/folder.ts'

describe('a folder', () => {
  const signal = AbortSignal.timeout(60_000)
  let root: string
  let store: FolderStore
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'folder-store-'))
    store = new FolderStore(join(root, 'new/out'))
    await store.connect()
  })
  afterEach(() => rm(root, { recursive: true }))
  const put = (name: string, text: string, onlyIfAbsent = true) =>
    store.put({ name, contents: Buffer.from(text) }, { onlyIfAbsent }, signal)
  const files = async () =>
    (await readdir(root, { recursive: true, withFileTypes: true }))
      .filter((one) => one.isFile())
      .map(({ name }) => name)

  test('takes a name once, whoever comes at the same time, and leaves nothing else behind', async () => {
    const other = new FolderStore(join(root, 'new/out'))
    const outcomes = await Promise.all(
      Array.from(
        { length: 40 },
        (_, i) =>
        i % 2 ? put('a/b/c.avro', 'alert') : other.put({ name: 'a/b/c.avro', contents: Buffer.from('alert') }, { onlyIfAbsent: true }, signal) // biome-ignore format: one line
      )
    )
    expect(outcomes.filter(({ outcome }) => outcome === 'written')).toHaveLength(1)
    expect(outcomes.filter(({ outcome }) => outcome === 'same there')).toHaveLength(39)
    expect((await put('a/b/c.avro', 'another')).outcome).toBe('another there')
    expect(await readFile(join(root, 'new/out/a/b/c.avro'), 'utf8')).toBe('alert')
    expect(await files()).toEqual(['c.avro'])
  })

  test('two processes with one number, each in a container of its own, keep their files apart', async () => {
    const process = async () => {
      vi.resetModules()
      const { FolderStore } = await import('../../src/store/folder.ts')
      return new FolderStore(join(root, 'new/out'))
    }
    const [one, other] = [await process(), await process()]
    for (let i = 0; i < 20; i++) {
      const written = [one, other].map((store, which) => {
        const file = { name: `${'ab'[which]}${i}`, contents: Buffer.alloc(100_000 + i, 'ab'[which]) }
        return store.put(file, { onlyIfAbsent: true }, signal)
      })
      expect((await Promise.all(written)).map(({ outcome }) => outcome)).toEqual(['written', 'written'])
      expect(await readFile(join(root, `new/out/a${i}`), 'utf8')).toBe('a'.repeat(100_000 + i))
      expect(await readFile(join(root, `new/out/b${i}`), 'utf8')).toBe('b'.repeat(100_000 + i))
    }
  })

  test('replaces where it may', async () => {
    expect((await put('x', '1', false)).outcome).toBe('written')
    expect((await put('x', '2', false)).outcome).toBe('written')
    expect(await readFile(join(root, 'new/out/x'), 'utf8')).toBe('2')
    expect(await files()).toEqual(['x'])
  })

  test('many files in many folders', async () => {
    const names = Array.from({ length: 200 }, (_, i) => `${i % 7}/${i % 3}/${i}.avro`)
    await Promise.all(names.map((name) => put(name, name)))
    expect((await files()).toSorted()).toEqual(names.map((name) => name.split('/')[2]!).toSorted())
  })

  test('what stands in the way is a fault of the target', async () => {
    await writeFile(join(root, 'new/out/a'), '')
    await expect(put('a/b', 'x')).rejects.toMatchObject({
      code: 'SINK_UNAVAILABLE',
      remedy: expect.stringMatching(/\S/)
    })
    await expect(new FolderStore(join(root, 'new/out/a/b')).connect()).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' }) // biome-ignore format: one line
  })
})
