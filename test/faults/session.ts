import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Alerts, inputTopics, packets } from './alerts.ts'
import type { Bench, Kind } from './bench.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { Feed } from './feed.ts'
import { examine, type LivesReport } from './lives.ts'
import { Members } from './members.ts'
import { judge, type Verdict, type Window } from './oracle.ts'
import { type Feeder, startFeeder } from './pubsub.ts'
import { Random } from './random.ts'
import { type Offsets, Watch } from './watch.ts'

export interface SessionSettings {
  readonly alerts: number
  readonly kinds: readonly Kind[]
  readonly seed: number
  readonly packets: boolean
  readonly keys: number
  readonly members: number
  /** The folder that has bin/alertstreams.js. */
  readonly program: string
  readonly say: (line: string) => void
}

/** A fault that was applied, and what was under way when it came. */
export interface Applied extends Window {
  readonly detail: string
  /** In handlers, and in the topics but not committed. */
  readonly calls: number
  readonly lag: number
}

export interface Outcome {
  readonly folder: string
  readonly seconds: number
  readonly faults: readonly Applied[]
  readonly verdict: Verdict
  readonly lives: LivesReport
  /** Everything that breaks a promise. */
  readonly violations: readonly string[]
}

/** How long the groups may stand still after a fault. */
const RECOVERY_MS = 120_000
const DRAIN_MS = 240_000

/** One run: faults one after the other under load, then everything drains, then the oracle. */
export async function runSession(settings: SessionSettings): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'alertstreams-faults-'))
  const start = Date.now()
  const [cluster, feeder] = await Promise.all([startCluster(), startFeeder()])
  const members = new Members({
    folder,
    program: settings.program,
    source: `127.0.0.1:${cluster.source.port}`,
    sink: `127.0.0.1:${cluster.sink.port}`,
    project: feeder.project,
    packets: settings.packets,
    environment: { PUBSUB_EMULATOR_HOST: feeder.server.host, METADATA_SERVER_DETECTION: 'none' }
  })
  const session = new Session(settings, cluster, feeder, members)
  try {
    await session.run()
    const { faults, stuck } = session
    const evidence = { ...session.evidence, files: members.outputFiles, faults }
    const verdict = judge(evidence)
    const lives = examine(members.lives, verdict.records)
    const violations = [...stuck, ...members.surprises, ...verdict.violations, ...lives.violations]
    const seconds = (Date.now() - start) / 1000
    if (violations.length === 0) rmSync(folder, { recursive: true, force: true })
    return { folder, seconds, faults, verdict, lives, violations }
  } finally {
    await members.end()
    await session.feed.close()
    await Promise.all([cluster.close(), feeder.server.kill()])
  }
}

class Session {
  readonly faults: Applied[] = []
  /** Waits that came to no end. */
  readonly stuck: string[] = []
  readonly feed: Feed
  readonly #settings: SessionSettings
  readonly #bench: Bench
  readonly #leastLag: number

  constructor(settings: SessionSettings, cluster: Cluster, feeder: Feeder, members: Members) {
    const { alerts: total, seed, keys } = settings
    const large = settings.packets ? packets() : undefined
    if (large) settings.say(`alerts are ${large.what}`)
    const watch = new Watch(cluster)
    const pubsubTotal = Math.min(5000, Math.floor(total / 20))
    this.feed = new Feed(cluster, watch, {
      total,
      alerts: new Alerts(keys, large?.packets ?? []),
      backlog: large ? 1500 : Math.max(4000, Math.min(20_000, total / 10)),
      batch: large ? 50 : 1000,
      pubsub: feeder,
      pubsubTotal
    })
    this.#settings = settings
    this.#leastLag = large ? 10 : 100
    const random = new Random(seed)
    this.#bench = { cluster, members, feed: this.feed, feeder, watch, random, appeared: [] }
  }

  get evidence() {
    const { cluster, feeder, appeared } = this.#bench
    return {
      dataFolder: cluster.kafka.dataFolder,
      inputTopics: [...inputTopics, ...appeared],
      published: feeder.published,
      total: this.feed.total
    }
  }

  async run(): Promise<void> {
    const { kinds, members: count, say } = this.#settings
    const { members, watch, feed } = this.#bench
    // What is there before a group that starts at the end has ever been: not for it.
    feed.upTo(1)
    await feed.burst({ topic: 'latest', fate: 'before', count: 20 })
    for (let i = 0; i < count; i++) members.start()
    await this.#until('all groups have a start', 60_000, async () =>
      [...(await watch.committed())].every(([, offset]) => offset >= 0)
    )
    say(`${count} members read as groups; alerts flow`)
    if (!kinds.some(({ name }) => name === 'latest')) feed.allowLatest()
    for (const [i, kind] of kinds.entries()) {
      feed.upTo(Math.ceil(((i + 1) * feed.total) / (kinds.length + 1)))
      await this.#apply(kind, i + 1)
    }
    say('no more faults; the rest drains')
    await this.#drain()
  }

  async #apply(kind: Kind, number: number): Promise<void> {
    const { watch, members } = this.#bench
    const busy = await this.#busy(number)
    const start = Date.now()
    const alone = members.alive.length === 1
    const detail = await kind.apply(this.#bench)
    const clean = kind.name === 'term' && alone && members.lives.at(-2)?.code === 0
    const over = Date.now()
    const then = await watch.committed()
    // Topics that appear are looked for once a minute: the drain waits for those.
    const isStill = (lane: string) => !lane.startsWith('late-')
    const back = await this.#until(`progress everywhere after fault ${number}, ${kind.name}`, RECOVERY_MS, async () => {
      return (await watch.still(then)).filter(isStill).length === 0 && members.alive.every((life) => life.ready)
    })
    const end = Date.now()
    this.faults.push({ kind: kind.name, detail, start, end, clean, ...busy })
    const recovery = back ? `went on ${((end - over) / 1000).toFixed(1)} s later` : 'DID NOT GO ON'
    const inFlight = `${busy.calls} in handlers, ${busy.lag} not committed`
    const at = `${number}/${this.#settings.kinds.length}`.padEnd(6)
    this.#settings.say(
      `${at} ${kind.name.padEnd(16)} in flight: ${inFlight} | ${detail} | ${recovery} | ${this.feed.made} made`
    )
  }

  /** Waits until every member is at work, and says how much is under way. */
  async #busy(number: number): Promise<{ calls: number; lag: number; committed: Offsets }> {
    const { watch, members } = this.#bench
    let found = { calls: 0, lag: 0, committed: new Map() as Offsets }
    await this.#until(`work in flight before fault ${number}`, 60_000, async () => {
      const { lag, committed } = await watch.lag()
      const { calls } = members
      found = { calls, lag, committed }
      if (calls > 0 && lag >= this.#leastLag) return true
      // Some are kept for the faults to come.
      const left = this.feed.total - 4 * this.#leastLag * (this.#settings.kinds.length - number + 1)
      this.feed.upTo(Math.max(this.feed.target, Math.min(left, this.feed.made + this.#leastLag * 10)))
      return false
    })
    return found
  }

  async #drain(): Promise<void> {
    const { members, watch, feeder, cluster } = this.#bench
    cluster.source.heal()
    cluster.sink.heal()
    await this.feed.finish()
    let best = Number.POSITIVE_INFINITY
    let since = Date.now()
    for (;;) {
      const { lag, behind } = await watch.lag()
      if (lag === 0) break
      if (lag < best) {
        best = lag
        since = Date.now()
      } else if (Date.now() - since > DRAIN_MS) {
        this.stuck.push(`nothing moved for ${DRAIN_MS / 1000} s before the end; not committed: ${behind.join(', ')}`)
        break
      }
      await sleep(300)
    }
    // Pub/Sub does not say what is left: until nothing has come out for longer than its leases.
    if (feeder.published.length > 0) await this.#quiet(13_000)
    await Promise.all(members.alive.map((life) => members.terminate(life)))
  }

  async #quiet(ms: number): Promise<void> {
    const { cluster } = this.#bench
    let last = -1
    for (let since = Date.now(); Date.now() - since < ms; await sleep(500)) {
      const ends = await cluster.admin.fetchTopicOffsets('out')
      const now = ends.reduce((sum, { high }) => sum + Number(high), 0)
      if (now === last) continue
      last = now
      since = Date.now()
    }
  }

  async #until(what: string, ms: number, test: () => Promise<boolean>): Promise<boolean> {
    const deadline = Date.now() + ms
    while (!(await test())) {
      if (Date.now() > deadline) {
        this.stuck.push(`no ${what} within ${ms / 1000} s`)
        return false
      }
      await sleep(50)
    }
    return true
  }
}
