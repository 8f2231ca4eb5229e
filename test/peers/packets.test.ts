import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { isAvroContainer } from '../../src/codecs/avro/container.ts'
import { codecOf } from '../../src/codecs/usual.ts'
import type { Message } from '../../src/contract/alert.ts'
import { messageOf } from '../codecs/message.ts'
import { describePeers } from '../setup/services.ts'
import { bytesOf, compare, countLeaves, leavesOf, type Seen } from './leaves.ts'
import { type Answer, runPeer } from './peer.ts'

const folder = join(import.meta.dirname, '../../../shared/data')
const absent = 'skipped where ../shared/data is absent'

/** Every packet there, whoever put it there. */
const packets = globSync('**/*.{avro,json}', { cwd: folder, exclude: ['hop/**'] }).toSorted()

/** hop-client's own examples. */
const examples = globSync('hop/*', { cwd: folder }).toSorted()

/** What hop-client calls the format of such a file. */
function labelOf(name: string): string {
  if (name.endsWith('.txt')) return basename(name).includes('gcn') ? 'gcntextnotice' : 'blob'
  const labels: Record<string, string> = { '.avro': 'avro', '.gcn3': 'circular', '.json': 'json', '.xml': 'voevent' }
  return labels[extname(name)] ?? 'blob'
}

describe.skipIf(!existsSync(folder))(`packets of others (${absent})`, () => {
  describePeers('field by field as the peers read them', () => {
    let files: Answer
    let models: Answer
    beforeAll(async () => {
      const schemas = join(folder, 'lsst/schemas')
      const paths = Object.fromEntries(packets.map((name) => [name, { path: join(folder, name) }]))
      files = await runPeer('offline_peer.py', { do: 'files', cases: paths, schemas })
      const labelled = examples.map((name) => [name, { path: join(folder, name), label: labelOf(name) }])
      models = await runPeer('offline_peer.py', { do: 'examples', cases: Object.fromEntries(labelled) })
    }, 240_000)

    test('there are some', () => {
      expect(packets.length).toBeGreaterThan(4)
      expect(examples.length).toBeGreaterThan(4)
    })

    for (const name of packets) {
      test(name, () => {
        expect(files.failed[name]).toBeUndefined()
        const put = files.seen[name]!
        const message = messageOf(readFileSync(join(folder, name)))
        expect(countLeaves(put)).toBeGreaterThan(0)
        expect(compare(put, recordsIn('auto', message))).toEqual([])
        expect(compare(put, recordsIn(codecFor(message.bytes!), message))).toEqual([])
      })
    }

    for (const name of examples) {
      test(name, () => {
        expect(models.failed[name]).toBeUndefined()
        const [bytes, value] = models.seen[name]!
        const message = messageOf(bytesOf(bytes![0]!), { _format: labelOf(name) })
        expect(compare([value!], [leavesOf(codecOf('hop').decode(message))])).toEqual([])
      })
    }
  })
})

function codecFor(bytes: Uint8Array): 'avro' | 'confluent' | 'json' {
  return bytes[0] === 0 ? 'confluent' : isAvroContainer(bytes) ? 'avro' : 'json'
}

/** A container may hold several. */
function recordsIn(codec: 'auto' | 'avro' | 'confluent' | 'json', message: Message): Seen {
  const value = codecOf(codec).decode(message)
  return (Array.isArray(value) ? value : [value]).map((record) => leavesOf(record))
}
