import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ztfAlerts } from '../../src/generate/index.ts'
import { scatter } from './random.ts'

/** What is to become of an alert; the handler reads it in a header, the oracle too. */
export const fates = ['plain', 'flaky', 'broken', 'throws', 'hangs', 'large', 'before'] as const
export type Fate = (typeof fates)[number]

/** The topics that are read, each with a route of its own, and their share of the alerts in thousandths. */
export const shares = { plain: 400, keyed: 330, files: 100, deduped: 100, small: 40, latest: 30 } as const
export type InputTopic = keyof typeof shares
export const inputTopics = Object.keys(shares) as readonly InputTopic[]

export const PARTITIONS = 4
/** Limit of the sink topic `out-small`; larger alerts are refused there. */
export const SMALL_LIMIT = 100_000
const LARGE = 150_000

export interface NewAlert {
  readonly number: number
  readonly topic: string
  readonly fate: Fate
}

export interface Packaged {
  readonly key: string
  readonly value: Buffer
  readonly headers: { readonly n: string; readonly fate: Fate }
}

/** Makes the numbered alerts: small JSON, or packets of about 70 kB. */
export class Alerts {
  readonly #keys: number
  readonly #packets: readonly Buffer[]
  readonly #next = new Map<string, number>()

  constructor(keys: number, packets: readonly Buffer[]) {
    this.#keys = keys
    this.#packets = packets
  }

  package({ number, topic, fate }: NewAlert): Packaged {
    const key = `${topic}-${scatter(number) % this.#keys}`
    return { key, value: this.#value(number, key, fate), headers: { n: String(number), fate } }
  }

  #value(number: number, key: string, fate: Fate): Buffer {
    if (fate === 'broken') return Buffer.from(`{"number": ${number}, "key": `)
    const sequence = (this.#next.get(key) ?? 0) + 1
    this.#next.set(key, sequence)
    if (fate === 'large') return Buffer.from(JSON.stringify({ number, key, sequence, filler: filler(LARGE) }))
    const { length } = this.#packets
    if (length > 0) return this.#packets[number % length]!
    return Buffer.from(JSON.stringify({ number, key, sequence, magpsf: 18 + (number % 100) / 50 }))
  }
}

/** The topic of a number. */
export function topicFor(number: number): InputTopic {
  let at = scatter(number * 7 + 3) % 1000
  for (const [topic, share] of Object.entries(shares)) {
    if (at < share) return topic as InputTopic
    at -= share
  }
  return 'plain'
}

const REAL = join(import.meta.dirname, '../../../shared/data/ztf')

/** Real ZTF packets where they are at hand, else synthetic ones; about 70 kB either way. */
export function packets(): { readonly packets: readonly Buffer[]; readonly what: string } {
  const names = existsSync(REAL) ? readdirSync(REAL).filter((name) => name.endsWith('.avro')) : []
  const real = names.map((name) => readFileSync(join(REAL, name))).filter(({ length }) => length > 40_000)
  if (real.length > 0) return { packets: real, what: 'real ZTF packets' }
  const made = [...ztfAlerts(1).take(20)].map(({ bytes }) => Buffer.from(bytes))
  return { packets: made, what: 'synthetic ZTF packets (no third-party data here)' }
}

function filler(length: number): string {
  return randomBytes(length / 2).toString('hex')
}
