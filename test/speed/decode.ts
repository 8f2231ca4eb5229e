import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { codecOf } from '../../src/codecs/usual.ts'
import type { Message } from '../../src/contract/alert.ts'
import { compileFilter } from '../../src/filter/index.ts'
import { ztfAlerts } from '../../src/generate/index.ts'
import { messageOf } from '../codecs/message.ts'
import { installPeers } from '../services/python.ts'
import { Fastavro } from './fastavro.ts'
import { measure, type Sample } from './measure.ts'
import { report, type Row, writeSection } from './report.ts'

/**
 * `npm run speed`: our full decode and our projection of a FILTER against fastavro, in one run and by turns, so that
 * whatever else the machine does meets all alike.
 */
const ROUNDS = 9
const SECONDS = 1
const FILTER = 'candidate.drb > 0.8 && candidate.magpsf < 19.0 && candidate.isdiffpos == "t"'
/** How many times fastavro, at least. */
const WANTED = { full: 8, projection: 20 }

const REAL = join(import.meta.dirname, '../../../shared/data/ztf')

const made = mkdtempSync(join(tmpdir(), 'alertstreams-speed-'))
try {
  process.exitCode = await run()
} finally {
  rmSync(made, { recursive: true })
}

async function run(): Promise<number> {
  const { python } = await installPeers()
  const files = existsSync(REAL) ? realPackets() : syntheticPackets()
  const packets = files.map((file) => messageOf(readFileSync(file)))
  const codec = codecOf('avro')
  const { fields } = compileFilter(FILTER)
  const full = (packet: Message) => codec.decode(packet)
  const projection = (packet: Message) => codec.decode(packet, fields)

  await using fastavro = new Fastavro(python, files)
  const versions = await fastavro.versions()
  const candids = packets.map((packet) => String((full(packet) as { candid: number | bigint }).candid))
  if (candids.join() !== versions.candids.join()) throw new Error(`read ${candids}, and fastavro ${versions.candids}`)

  const samples = { full: [] as Sample[], projection: [] as Sample[], fastavro: [] as Sample[] }
  // The first round warms up and does not count.
  for (let round = 0; round <= ROUNDS; round++) {
    const taken = {
      fastavro: await fastavro.measure(SECONDS),
      full: measure(full, packets, SECONDS),
      projection: measure(projection, packets, SECONDS)
    }
    if (round > 0) for (const name of ['full', 'projection', 'fastavro'] as const) samples[name].push(taken[name])
  }
  const rows: readonly Row[] = [
    { title: 'fastavro: `list(fastavro.reader(BytesIO(packet)))`', samples: samples.fastavro },
    { title: 'full decode', samples: samples.full, wanted: WANTED.full },
    { title: `fields of the FILTER \`${FILTER}\``, samples: samples.projection, wanted: WANTED.projection }
  ]
  const { text, missed } = report({
    rows,
    versions,
    packets: files.map((file) => basename(file)),
    real: existsSync(REAL)
  })
  console.log(text)
  if (existsSync(REAL)) writeSection(text)
  for (const miss of missed) console.error(miss)
  return missed.length > 0 ? 1 : 0
}

function realPackets(): readonly string[] {
  return readdirSync(REAL).map((name) => join(REAL, name))
}

function syntheticPackets(): readonly string[] {
  return [...ztfAlerts(1).take(3)].map(({ bytes }, index) => {
    const file = join(made, `synthetic-${index + 1}.avro`)
    writeFileSync(file, bytes)
    return file
  })
}
