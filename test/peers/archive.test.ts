import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import avsc from 'avsc'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openContainer } from '../../src/codecs/avro/container.ts'
import { sourceOf, writeAll } from '../contract/sink-bench.ts'
import { archiveSink } from '../harnesses/archive-sink.ts'
import { describePeers } from '../setup/services.ts'
import { compare, countLeaves } from './leaves.ts'
import { type Answer, runPeer } from './peer.ts'

const shared = join(import.meta.dirname, '../../../shared/data')
const packets = globSync('{ztf,lsst}/*.avro', { cwd: shared }).toSorted()

describe.skipIf(!existsSync(shared))('archived packets (skipped where ../shared/data is absent)', () => {
  describePeers('as fastavro reads them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'archived-'))
    let before: Answer
    let after: Answer
    let names: Readonly<Record<string, string>>
    beforeAll(async () => {
      const sink = archiveSink({ PATH: join(folder, '{attributes.file}.avro') })
      await sink.connect(AbortSignal.timeout(10_000))
      const placed = packets.map((name) => {
        const bytes = readFileSync(join(shared, name))
        return sink.place({ value: bytes }, sourceOf({ bytes, headers: [['file', Buffer.from(name)]] }))
      })
      expect(await writeAll(sink, placed)).toEqual([])
      names = Object.fromEntries(packets.map((name) => [name, join(folder, `${name.replace('/', '+')}.avro`)]))
      const schemas = join(shared, 'lsst/schemas')
      const cases = (path: (name: string) => string) => Object.fromEntries(packets.map((name) => [name, { path: path(name) }])) // biome-ignore format: one line
      before = await runPeer('offline_peer.py', { do: 'files', cases: cases((name) => join(shared, name)), schemas })
      after = await runPeer('offline_peer.py', { do: 'files', cases: cases((name) => names[name]!), schemas })
    }, 240_000)
    afterAll(() => rmSync(folder, { recursive: true }))

    test('there are some', () => expect(packets.length).toBeGreaterThan(4))

    test.for(packets)('%s: every value is that of the packet, and strict avsc takes the schema', (name) => {
      expect(after.failed[name]).toBeUndefined()
      expect(countLeaves(before.seen[name]!)).toBeGreaterThan(0)
      expect(compare(before.seen[name]!, after.seen[name]!)).toEqual([])
      const { schema } = openContainer(readFileSync(names[name]!), 1e9)
      avsc.Type.forSchema(JSON.parse(Buffer.from(schema).toString()))
    })
  })
})
