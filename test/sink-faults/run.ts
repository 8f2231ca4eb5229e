import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { until, Workplace, type Program } from '../end-to-end/program.ts'
import { Random } from '../faults/random.ts'
import { committed, kafka, newTopic, produce } from '../setup/services.ts'
import { type MakeTarget, type Packet, packets, type Target } from './target.ts'

/** Alerts that are written while one fault comes, and those before the first and after the last, unless told. */
const EACH = 25
/** Seconds for everything to come through in the end. */
const PATIENCE = 90

const handler = `export default (alert) => {
  const { objectId, candid } = alert.payload()
  return { key: objectId, value: { candid: String(candid) } }
}
`

/**
 * The program, as a user runs it, from a Kafka topic to one sink, while it is killed, stopped and frozen and the target is
 * spoiled. In the end every alert is there; none twice that had been committed before a fault; and the account adds up.
 */
export async function runUnderFaults(makeTarget: MakeTarget, seed: number): Promise<void> {
  const topic = await newTopic('faults', 1)
  await using place = new Workplace({}, { 'candid.mjs': handler })
  const target = await makeTarget(place.folder)
  try {
    await new Run(target, place, topic, new Random(seed)).run()
  } finally {
    await target.tearDown()
  }
}

class Run {
  readonly #target: Target
  readonly #place: Workplace
  readonly #topic: string
  readonly #group: string
  readonly #random: Random
  readonly #packets: Packet[] = []
  #program: Program

  constructor(target: Target, place: Workplace, topic: string, random: Random) {
    this.#target = target
    this.#place = place
    this.#topic = topic
    this.#group = `group-${topic}`
    this.#random = random
    place.configure(this.#config())
    this.#program = this.#start()
  }

  async run(): Promise<void> {
    const faults = this.#faults()
    const settled: { name: string; done: readonly Packet[]; held: ReadonlyMap<string, number> }[] = []
    const { each = EACH } = this.#target
    const all = packets(each * (faults.length + 2))
    const next = () => this.#produce(all.slice(this.#packets.length, this.#packets.length + each))
    await next()
    await until(async () => (await this.#committed()) === each, 'the first to be committed', PATIENCE, this.#said)
    for (const [name, fault] of faults) {
      await next()
      // Somewhere between being read and being written.
      await sleep(this.#random.integer(0, 400))
      const before = await this.#committed()
      const held = counted(await this.#target.held())
      await fault()
      settled.push({ name, done: this.#packets.slice(0, before), held })
    }
    await next()
    const done = async () => (await this.#committed()) === all.length
    await until(done, 'everything to be committed', PATIENCE, this.#said)
    this.#program.signal('SIGTERM')
    expect(await this.#program.end(), this.#said()).toBe(0)
    expect(this.#place.account().balanced).toBe(true)
    const held = counted(await this.#target.held())
    expect([...held.keys()].sort()).toEqual(all.map(({ candid }) => candid).sort())
    for (const { name, done, held: before } of settled) {
      const again = done.filter(({ candid }) => held.get(candid)! > before.get(candid)!)
      expect(again, `committed before ${name}, and written again`).toEqual([])
    }
    if (this.#target.once) expect([...held.values()].filter((times) => times > 1)).toEqual([])
  }

  /** In an order of chance: what is done to the program, and what is done to the target. */
  #faults(): [string, () => Promise<void>][] {
    const own: Readonly<Record<string, () => Promise<void>>> = {
      kill: async () => {
        await this.#program.kill()
        this.#program = this.#start()
      },
      stop: async () => {
        // A process that has not begun to listen for signals dies of one.
        await this.#program.line(/^reads as group/)
        this.#program.signal('SIGTERM')
        expect(await this.#program.end(), this.#said()).toBe(0)
        this.#program = this.#start()
      },
      freeze: async () => {
        this.#program.signal('SIGSTOP')
        await sleep(2000)
        this.#program.signal('SIGCONT')
      }
    }
    const faults = Object.entries(this.#target.faults)
    const both = this.#random
      .shuffled(faults)
      .slice(0, 1)
      .map(([name, fault]): [string, () => Promise<void>] => [
        `kill, and ${name}`,
        () => Promise.all([own.kill!(), fault()]).then(() => undefined)
      ])
    return this.#random.shuffled([...Object.entries(own), ...faults, ...both])
  }

  async #produce(some: readonly Packet[]): Promise<void> {
    this.#packets.push(...some)
    await produce(
      this.#topic,
      some.map(({ bytes, objectId }) => ({ value: bytes, key: objectId }))
    )
  }

  async #committed(): Promise<number> {
    for (let tries = 1; ; tries++) {
      try {
        const [offset = 0n] = await committed(this.#group, this.#topic)
        return Math.max(0, Number(offset))
      } catch (error) {
        // A coordinator that has just been elected is loading.
        if (tries === 40) throw error
        await sleep(250)
      }
    }
  }

  #start(): Program {
    return this.#place.start({ env: this.#target.env ?? {} })
  }

  readonly #said = (): string => this.#program.output.slice(-3000)

  #config(): object {
    const { sink, route = { HANDLER: './candid.mjs' } } = this.#target
    const options = {
      URL: kafka()!.plaintext,
      GROUP_ID: this.#group,
      SESSION_TIMEOUT: '6s',
      TOPIC_HANDLERS: { [this.#topic]: { ...route, SINKS: 'target' } }
    }
    return {
      ALERT_STREAMS: [{ NAME: 'KafkaAlertStream', ID: 'source', OPTIONS: options, DEAD_LETTER: 'dead' }],
      SINKS: { target: sink, dead: { NAME: 'FileSink', OPTIONS: { PATH: 'dead.ndjson' } } }
    }
  }
}

function counted(candids: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const candid of candids) counts.set(candid, (counts.get(candid) ?? 0) + 1)
  return counts
}
