import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import type { Message } from '../../src/contract/alert.ts'
import { messageOf } from '../codecs/message.ts'
import { describePeers } from '../setup/services.ts'
import { bytesOf, compare, countLeaves, leavesOf, type Seen } from './leaves.ts'
import { type Answer, runPeer } from './peer.ts'

const folder = join(import.meta.dirname, '../../../shared/data')
const absent = 'skipped where ../shared/data is absent'

/** Every packet there, whoever put it there. */
const packets = globSync('**/*.avro', { cwd: folder, exclude: ['hop/**'] }).toSorted()

/** What hop-client calls the format of each of its examples. */
const labels: Record<string, string> = {
  'example_avro.avro': 'avro',
  'example_blob.txt': 'blob',
  'example_gcn.gcn3': 'circular',
  'example_gcn.txt': 'gcntextnotice',
  'example_json.json': 'json',
  'example_voevent.xml': 'voevent'
}
const examples = globSync('hop/*', { cwd: folder }).toSorted()

describe.skipIf(!existsSync(folder))(`packets of others (${absent})`, () => {
  describePeers('field by field as the peers read them', () => {
    let files: Answer
    let models: Answer
    beforeAll(async () => {
      const schemas = join(folder, 'lsst/schemas')
      const paths = Object.fromEntries(packets.map((name) => [name, { path: join(folder, name) }]))
      files = await runPeer('offline_peer.py', { do: 'files', cases: paths, schemas })
      const labelled = examples.map((name) => [name, { path: join(folder, name), label: labels[basename(name)] }])
      models = await runPeer('offline_peer.py', { do: 'examples', cases: Object.fromEntries(labelled) })
    })

    test('there are some', () => {
      expect(packets.length).toBeGreaterThan(4)
      expect(examples.length).toBeGreaterThan(4)
    })

    for (const name of packets) {
      test(name, () => {
        expect(files.failed[name]).toBeUndefined()
        const put = files.seen[name]!
        const message = messageOf(readFileSync(join(folder, name)))
        expect(countLeaves(put)).toBeGreaterThan(100)
        expect(compare(put, recordsIn('auto', message))).toEqual([])
        expect(compare(put, recordsIn(message.bytes![0] === 0 ? 'confluent' : 'avro', message))).toEqual([])
      })
    }

    for (const name of examples) {
      test(name, () => {
        expect(models.failed[name]).toBeUndefined()
        const [bytes, value] = models.seen[name]!
        const message = messageOf(bytesOf(bytes![0]!), { _format: labels[basename(name)]! })
        expect(compare([value!], [leavesOf(codecOf('hop').decode(message))])).toEqual([])
      })
    }
  })
})

/** A container may hold several. */
function recordsIn(codec: 'auto' | 'avro' | 'confluent', message: Message): Seen {
  const value = codecOf(codec).decode(message)
  return (Array.isArray(value) ? value : [value]).map((record) => leavesOf(record))
}
