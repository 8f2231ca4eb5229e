import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import { madeCodec } from '../codecs/made.ts'
import { messageOf } from '../codecs/message.ts'
import { anySample } from '../codecs/random-avro.ts'
import { describePeers } from '../setup/services.ts'
import { bytesOf, compare, countLeaves, leavesOf } from './leaves.ts'
import { type Answer, runPeer } from './peer.ts'

const COUNT = 300

/** A schema that nobody has seen before, three records of it in a container, and the first of them bare. */
interface Packet {
  readonly name: string
  readonly schema: unknown
  readonly container: Buffer
  readonly body: Buffer
  /** As fastavro reads them: a list of three. */
  readonly leaves: Answer['seen'][string][number]
}

describePeers('surveys never seen before: their packets explain themselves', () => {
  const folder = mkdtempSync(join(tmpdir(), 'alertstreams-unseen-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  let packets: readonly Packet[]
  beforeAll(async () => {
    const schemas = fc.sample(anySample, { numRuns: COUNT, seed: 20260301 }).map(({ schema }) => schema)
    const cases = Object.fromEntries(schemas.map((schema, seed) => [`schema ${seed}`, { schema, seed }]))
    const { seen, failed } = await runPeer('offline_peer.py', { do: 'random', cases })
    expect(failed).toEqual({})
    packets = schemas.map((schema, seed) => {
      const [container, body, leaves] = seen[`schema ${seed}`]!
      return {
        name: `schema ${seed}`,
        schema,
        container: bytesOf(container![0]!),
        body: bytesOf(body![0]!),
        leaves: leaves!
      }
    })
  }, 240_000)

  test(`${COUNT} of them hold what fastavro put in, read by their own schema`, () => {
    expect(countLeaves(packets.map(({ leaves }) => leaves))).toBeGreaterThan(COUNT * 5)
    const problems = packets.flatMap(({ name, container, leaves }) =>
      (['avro', 'auto'] as const).flatMap((codec) =>
        compare([leaves], [leavesOf(codecOf(codec).decode(messageOf(container)))]).map((line) => `${name}: ${line}`)
      )
    )
    expect(problems).toEqual([])
  })

  test('and so do bodies whose schema is in the key', () => {
    const problems = packets.flatMap(({ name, schema, body, leaves }) => {
      const message = { ...messageOf(body), key: Buffer.from(JSON.stringify(schema)) }
      const first = leaves
        .filter(([path]) => path.startsWith('/0'))
        .map(([path, text]) => [path.slice(2), text] as const)
      const found = leavesOf(codecOf('avro-key').decode(message))
      return compare([first], [found]).map((line) => `${name}: ${line}`)
    })
    expect(problems).toEqual([])
  })

  test('what we write by these schemas fastavro reads', { timeout: 240_000 }, async () => {
    const cases = packets.map(({ name, schema, container }) => {
      const file = join(folder, `${name}.avsc`)
      writeFileSync(file, JSON.stringify(schema))
      const value = codecOf('avro').decode(messageOf(container))
      const { bytes } = madeCodec('avro', { SCHEMA: [file] }).encode(value)
      return [name, { data: Buffer.from(bytes).toString('base64') }]
    })
    const { seen, failed } = await runPeer('offline_peer.py', { do: 'bytes', cases: Object.fromEntries(cases) })
    expect(failed).toEqual({})
    const problems = packets.flatMap(({ name, leaves }) => {
      const found = seen[name]!.flatMap((record, index) =>
        record.map(([path, text]) => [`/${index}${path}`, text] as const)
      )
      return compare([leaves], [found]).map((line) => `${name}: ${line}`)
    })
    expect(problems).toEqual([])
  })
})
