import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ztfAlerts } from '../../src/generate/index.ts'
import { ztfSchema } from '../../src/generate/ztf-schema.ts'
import { Workplace } from '../end-to-end/program.ts'
import { type Case, cases } from './cases.ts'
import { backTopic, configuration } from './configuration.ts'
import { compare, countLeaves, type Seen } from './leaves.ts'
import { type Answer, type Job, runPeer, type Script } from './peer.ts'
import { openPlaces } from './places.ts'

/** Named, so that the table stays the same when others join them; packets.test.ts reads all. */
const realPackets = [
  '472263571115115000',
  'ztf_20250302_programid1_ZTF17aaarzyp_2982177112815010003.v4_02',
  'ztf_public_20221229_ZTF18abfkwnk_2188216843315010016.v3_3'
].map((name) => join(import.meta.dirname, `../../../shared/data/ztf/${name}.avro`))

export const hasReal = realPackets.every((path) => existsSync(path))

/** What became of one case. */
export interface Outcome {
  /** Leaves, in all messages. */
  readonly read: number
  /** 0 where we do not write. */
  readonly written: number
  /** What is not as it should be: empty. */
  readonly problems: readonly string[]
}

export interface Proof {
  readonly outcomes: Readonly<Record<string, Outcome>>
  /** By package of the peers. */
  readonly versions: Readonly<Record<string, string>>
}

/** Peers publish, one life of our program reads and publishes, peers read. */
export async function prove(): Promise<Proof> {
  const chosen = Object.entries(cases).filter(([, { real }]) => !real || hasReal)
  const topicOf = (name: string) => cases[name]!.topic ?? name
  await using open = await openPlaces()
  await using place = new Workplace({})
  const { places } = open
  for (const [name, one] of chosen) {
    await open.createTopic(topicOf(name), one)
    if (one.back !== null) await open.createTopic(backTopic(topicOf(name)), one)
  }
  const packets = { synthetic: writePackets(place.folder), real: hasReal ? realPackets : [] }
  const shared = { ...places, packets }
  const put = await runAll('write', chosen, shared, (name, one) => ({ topic: topicOf(name), ...one.written }))
  const env = { PUBSUB_EMULATOR_HOST: places.pubsub, REGISTRY: places.registry }
  const log = await runProgram(place, env, configuration(chosen, topicOf, places), countMessages(put.seen))
  const returning = chosen.filter(([name, one]) => one.back !== null && put.seen[name] !== undefined)
  const returned = await runAll('read', returning, shared, (name, one) => {
    return { topic: backTopic(topicOf(name)), count: put.seen[name]!.length, ...one.written }
  })
  const outcomes = chosen.map(([name, one]): [string, Outcome] => {
    const read = seenBy(join(place.folder, `seen/${topicOf(name)}.ndjson`))
    const back = returned.seen[name] ?? []
    const problems = [put.failed[name], ...problemsOf(one, put.seen[name] ?? [], read, back), returned.failed[name]]
    const found = problems.filter((problem) => problem !== undefined)
    const shown = found.length === 0 ? [] : [...found.slice(0, 20), log.slice(0, 3000)]
    return [name, { read: countLeaves(read), written: countLeaves(back), problems: shown }]
  })
  return { outcomes: Object.fromEntries(outcomes), versions: { ...put.versions, ...returned.versions } }
}

/** The leaves of each message as our handler saw them; Pub/Sub keeps no order, so the messages are numbered there. */
function seenBy(file: string): Seen {
  const lines = linesOf(file).map((line): { n: number; leaves: Seen[number] } => JSON.parse(line))
  return lines.toSorted((a, b) => a.n - b.n).map(({ leaves }) => leaves)
}

function problemsOf({ back, nanAsNull }: Case, put: Seen, read: Seen, returned: Seen): string[] {
  if (countLeaves(put) === 0) return ['the peer published nothing']
  const reading = compare(put, read).map((problem) => `we read: ${problem}`)
  if (back === null) return reading
  return [
    ...reading,
    ...compare(nanAsNull ? put.map(withoutNan) : put, returned).map((problem) => `they read: ${problem}`)
  ]
}

/** JSON has no NaN and no infinity. */
function withoutNan(leaves: Seen[number]): Seen[number] {
  const none = ['NaN', 'double 7ff0000000000000', 'double fff0000000000000']
  return leaves.map(([path, text]) => [path, none.includes(text) ? 'null' : text])
}

/** Runs our program until it has done with so many messages, or 2 minutes; returns what it said, and its dead letters. */
async function runProgram(
  place: Workplace,
  env: Readonly<Record<string, string>>,
  config: object,
  count: number
): Promise<string> {
  place.configure(config)
  const program = place.start({ env })
  const seen = join(place.folder, 'seen')
  const dead = join(place.folder, 'dead.ndjson')
  const files = () => [dead, ...(existsSync(seen) ? readdirSync(seen).map((name) => join(seen, name)) : [])]
  const deadline = Date.now() + 120_000
  while (program.running && Date.now() < deadline && files().flatMap(linesOf).length < count) await sleep(200)
  program.signal('SIGTERM')
  const exit = await program.end(90)
  if (exit !== 0) throw new Error(`the program ended with ${exit}:\n${program.output}`)
  const said = program.lines.filter(({ level, msg }) => level >= 40 && !/fields? (added|removed)/.test(msg))
  return [...said.map(({ msg }) => msg), ...linesOf(dead)].join('\n')
}

/** One process of each script, for all of its cases. */
async function runAll(
  task: Job['do'],
  chosen: readonly [string, Case][],
  settings: object,
  argumentsOf: (name: string, one: Case) => object
): Promise<Answer> {
  const scripts = new Map<Script, Record<string, object>>()
  for (const [name, one] of chosen) {
    const script = task === 'read' ? (one.reader ?? one.writer) : one.writer
    scripts.set(script, { ...scripts.get(script), [name]: argumentsOf(name, one) })
  }
  const shared = { ...settings, do: task }
  const answers = await Promise.all([...scripts].map(([script, cases]) => runPeer(script, { ...shared, cases })))
  const all = (part: keyof Answer) => Object.assign({}, ...answers.map((answer) => answer[part]))
  return { seen: all('seen'), failed: all('failed'), versions: all('versions') }
}

function countMessages(seen: Answer['seen']): number {
  return Object.values(seen).reduce((sum, messages) => sum + messages.length, 0)
}

/** Synthetic packets as files, and their schema. */
function writePackets(folder: string): string[] {
  mkdirSync(join(folder, 'packets'))
  writeFileSync(join(folder, 'ztf.avsc'), JSON.stringify(ztfSchema))
  return [...ztfAlerts(5).take(5)].map(({ bytes }, index) => {
    const path = join(folder, 'packets', `${index}.avro`)
    writeFileSync(path, bytes)
    return path
  })
}

function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
}
