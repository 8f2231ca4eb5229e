/**
 * Says from what lies on the broker's disk and in the program's files what became of each numbered alert. It imports
 * nothing of the program.
 */
import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { partitionsOf, readPartition } from './log-reader.ts'

/** A fault as the oracle needs it: times in ms since 1970, and what the groups had committed just before. */
export interface Window {
  readonly kind: string
  readonly start: number
  /** When the groups were seen to go on. */
  readonly end: number
  readonly committed: ReadonlyMap<string, number>
  /** The only member ended in order: nothing of what it had taken may come again. */
  readonly clean: boolean
}

export interface Evidence {
  readonly dataFolder: string
  readonly inputTopics: readonly string[]
  readonly files: readonly string[]
  /** What was published to Pub/Sub: number and CRC-32 of the bytes. */
  readonly published: readonly (readonly [number: number, crc: number])[]
  readonly total: number
  readonly faults: readonly Window[]
}

export interface Duplicates {
  /** Of each fault: written and not yet committed when it came; the most that it can have repeated; what it did repeat. */
  readonly byFault: readonly { uncommitted: number; bound: number; repeated: number }[]
  readonly total: number
  /** That no fault explains. */
  readonly unexplained: readonly string[]
}

export interface Verdict {
  readonly produced: number
  /** Alerts that came twice into the input, from the producer's own retries. */
  readonly producedTwice: number
  readonly delivered: number
  readonly deadLettered: number
  readonly lost: readonly string[]
  /** Where they should not be, with other bytes, with another reason. */
  readonly wrong: readonly string[]
  readonly outOfOrder: readonly string[]
  readonly duplicates: Duplicates
  /** Keys whose last record is not their newest: allowed after a fault, and worth knowing. */
  readonly staleKeys: number
  readonly records: Readonly<Record<string, number>>
  /** What breaks a promise, in words; empty when all holds. */
  readonly violations: readonly string[]
}

const places = ['out', 'out-small', 'dead', 'file'] as const
type Place = (typeof places)[number]

/** A Pub/Sub message whose holder fell silent goes to another when its lease ends, and both may write it after that. */
const LEASE_MS = 15_000

const deadCodes: Readonly<Record<string, string>> = {
  broken: 'DECODE_FAILED',
  throws: 'HANDLER_FAILED',
  hangs: 'HANDLER_TIMEOUT',
  large: 'SINK_REJECTED'
}

interface Extra {
  readonly number: number
  readonly place: Place
  readonly time: number | undefined
  readonly previous: number
}

export function judge(evidence: Evidence): Verdict {
  return new Oracle(evidence).judge()
}

class Oracle {
  readonly #evidence: Evidence
  readonly #lanes: string[] = []
  /** By alert number: how often it is in the input, where, and what it looked like. */
  readonly #made: Uint16Array
  readonly #lane: Int32Array
  readonly #offset: Float64Array
  readonly #crc: Int32Array
  readonly #fates: string[]
  readonly #keys: string[]
  readonly #count: Readonly<Record<Place, Uint16Array>>
  /** When it first came out, in a topic. */
  readonly #first: Float64Array
  readonly #extras: Extra[] = []
  readonly #wrong: string[] = []
  readonly #outOfOrder: string[] = []
  readonly #records: Record<string, number> = {}
  #staleKeys = 0

  constructor(evidence: Evidence) {
    const { total } = evidence
    this.#evidence = evidence
    this.#made = new Uint16Array(total)
    this.#lane = new Int32Array(total).fill(-1)
    this.#offset = new Float64Array(total)
    this.#crc = new Int32Array(total)
    this.#fates = new Array<string>(total).fill('')
    this.#keys = new Array<string>(total).fill('')
    this.#first = new Float64Array(total)
    const counts = places.map((place) => [place, new Uint16Array(total)])
    this.#count = Object.fromEntries(counts) as Record<Place, Uint16Array>
  }

  judge(): Verdict {
    this.#readInputs()
    for (const topic of ['out', 'out-small', 'dead'] as const) this.#readOutput(topic)
    for (const path of this.#evidence.files) this.#readFile(path)
    const lost = this.#findLost()
    const duplicates = this.#explain()
    let delivered = 0
    let deadLettered = 0
    for (let number = 0; number < this.#evidence.total; number++) {
      if (this.#count.dead[number]! > 0) deadLettered++
      else if (this.#count.out[number]! > 0 || this.#count['out-small'][number]! > 0) delivered++
    }
    const produced = this.#made.reduce((sum, made) => sum + (made > 0 ? 1 : 0), 0)
    const violations: string[] = []
    const breach = (count: number, what: string, examples: readonly string[]) => {
      if (count > 0) violations.push(`${count} ${what}: ${examples.slice(0, 5).join('; ')}`)
    }
    breach(this.#evidence.total - produced, 'alerts were never produced', ['the harness is at fault'])
    breach(lost.length, 'lost', lost)
    breach(this.#wrong.length, 'wrong', this.#wrong)
    breach(this.#outOfOrder.length, 'out of order', this.#outOfOrder)
    breach(duplicates.unexplained.length, 'duplicates without a fault to explain them', duplicates.unexplained)
    for (const [at, { bound, repeated }] of duplicates.byFault.entries())
      if (repeated > bound) violations.push(`fault ${at + 1}: ${repeated} repeated, at most ${bound} could be`)
    return {
      produced,
      producedTwice: this.#made.reduce((sum, made) => sum + Math.max(0, made - 1), 0),
      delivered,
      deadLettered,
      lost,
      wrong: this.#wrong,
      outOfOrder: this.#outOfOrder,
      duplicates,
      staleKeys: this.#staleKeys,
      records: this.#records,
      violations
    }
  }

  #readInputs(): void {
    const { dataFolder, inputTopics, published } = this.#evidence
    for (const topic of inputTopics) {
      for (const partition of partitionsOf(dataFolder, topic)) {
        const lane = this.#lanes.push(`${topic}/${partition}`) - 1
        for (const { offset, key, value, headers } of readPartition(dataFolder, topic, partition)) {
          const number = Number(headers.get('n'))
          if (this.#made[number]!++ > 0) continue
          this.#lane[number] = lane
          this.#offset[number] = offset
          this.#crc[number] = crc32(value!)
          this.#fates[number] = headers.get('fate')!
          this.#keys[number] = key!.toString()
        }
      }
    }
    for (const [number, crc] of published) {
      this.#made[number] = 1
      this.#crc[number] = crc
      this.#fates[number] = 'plain'
    }
  }

  #readOutput(topic: Exclude<Place, 'file'>): void {
    const { dataFolder } = this.#evidence
    for (const partition of partitionsOf(dataFolder, topic)) {
      const order = new Map<string, { first: number; last: number; newest: number }>()
      for (const { value, headers, time } of readPartition(dataFolder, topic, partition)) {
        this.#records[topic] = (this.#records[topic] ?? 0) + 1
        const number = Number(headers.get('n'))
        if (!this.#take(number, topic, value, time)) continue
        if (topic === 'dead') this.#checkReason(number, headers.get('alertstreams-code'))
        else this.#checkOrder(number, this.#count[topic][number] === 1, order, topic)
      }
      for (const { last, newest } of order.values()) if (last < newest) this.#staleKeys++
    }
  }

  /** A line is whole or it is the last of a process that was killed. Lines of two files have no order between them. */
  #readFile(path: string): void {
    const order = new Map<string, { first: number; last: number; newest: number }>()
    const seen = new Set<number>()
    const lines = readFileSync(path, 'utf8').split('\n')
    const unfinished = lines.pop()
    if (unfinished !== '') this.#wrong.push(`${path} ends in the middle of a line`)
    for (const text of lines) {
      this.#records.file = (this.#records.file ?? 0) + 1
      const line = parsed(text)
      const n = line?.headers.find(([name]) => name === 'n')?.[1]
      if (line === undefined || n === undefined) {
        this.#wrong.push(`${path}: a line that is no message: ${text.slice(0, 80)}`)
        continue
      }
      const number = Number(Buffer.from(n, 'base64').toString())
      if (!this.#take(number, 'file', Buffer.from(line.value, 'base64'), undefined)) continue
      this.#checkOrder(number, !seen.has(number), order, path)
      seen.add(number)
    }
  }

  #take(number: number, place: Place, value: Buffer | null, time: number | undefined): boolean {
    if (!(number >= 0 && number < this.#evidence.total) || this.#made[number] === 0) {
      this.#wrong.push(`${place} holds ${number}, which was never produced`)
      return false
    }
    if (crc32(value ?? '') >> 0 !== this.#crc[number]) this.#wrong.push(`alert ${number} has other bytes in ${place}`)
    const count = ++this.#count[place][number]!
    if (!this.#belongs(number, place)) this.#wrong.push(`${this.#named(number)} is in ${place}`)
    const first = this.#first[number]!
    // Without a key a repetition may lie in another partition, and be met before the first.
    const [earlier, later] = time === undefined || time > first ? [first, time] : [time, first]
    if (count > this.#made[number]!) this.#extras.push({ number, place, time: later, previous: earlier })
    if (time !== undefined) this.#first[number] = first === 0 ? time : earlier
    return true
  }

  #belongs(number: number, place: Place): boolean {
    const fate = this.#fates[number]!
    const topic = this.#topicOf(number)
    if (fate === 'before') return false
    if (fate in deadCodes) return place === 'dead'
    if (topic === 'small') return place === 'out-small'
    return place === 'out' || (topic === 'files' && place === 'file')
  }

  #checkReason(number: number, code: string | undefined): void {
    const expected = deadCodes[this.#fates[number]!]
    if (code !== expected) this.#wrong.push(`${this.#named(number)} is a dead letter because of ${code}`)
  }

  #checkOrder(
    number: number,
    isFirst: boolean,
    order: Map<string, { first: number; last: number; newest: number }>,
    where: string
  ): void {
    if (this.#lane[number]! < 0) return
    const key = this.#keys[number]!
    const offset = this.#offset[number]!
    const known = order.get(key)
    if (known === undefined) {
      order.set(key, { first: offset, last: offset, newest: offset })
      return
    }
    if (isFirst && offset < known.first)
      this.#outOfOrder.push(`${this.#named(number)} after a later one of key ${key} in ${where}`)
    if (isFirst) known.first = offset
    known.last = offset
    known.newest = Math.max(known.newest, offset)
  }

  #findLost(): string[] {
    const lost: string[] = []
    for (let number = 0; number < this.#evidence.total; number++) {
      if (this.#made[number] === 0) continue
      const missing = places.filter((place) => this.#belongs(number, place) && this.#count[place][number] === 0)
      if (missing.length > 0) lost.push(`${this.#named(number)} is not in ${missing.join(' and ')}`)
    }
    return lost
  }

  #explain(): Duplicates {
    const { faults } = this.#evidence
    const byFault = faults.map((fault) => this.#bound(fault))
    const unexplained: string[] = []
    for (const extra of this.#extras) {
      const at = faults.findLastIndex((fault) => this.#explains(fault, extra))
      if (at >= 0) byFault[at]!.repeated++
      else unexplained.push(`${this.#named(extra.number)} in ${extra.place}${this.#times(extra)}`)
    }
    return { byFault, total: this.#extras.length, unexplained }
  }

  #times({ time, previous }: Extra): string {
    if (time === undefined) return ''
    return ` at ${new Date(previous).toISOString()} and again ${((time - previous) / 1000).toFixed(1)} s later`
  }

  /** It had not been committed when the fault came, was out before the end of it, and came again after its start. */
  #explains(fault: Window, { number, time, previous }: Extra): boolean {
    if (fault.clean) return false
    const isPubsub = this.#lane[number]! < 0
    if (!isPubsub && !this.#wasOpen(fault, number)) return false
    const end = isPubsub ? fault.end + LEASE_MS : fault.end
    return (time ?? Number.POSITIVE_INFINITY) >= fault.start && previous <= end
  }

  #bound(fault: Window): { uncommitted: number; bound: number; repeated: number } {
    let uncommitted = 0
    let bound = 0
    for (let number = 0; number < this.#evidence.total; number++) {
      const first = this.#first[number]!
      const end = this.#lane[number]! < 0 ? fault.end + LEASE_MS : fault.end
      if (first === 0 || first > end || !this.#wasOpen(fault, number)) continue
      const times = this.#topicOf(number) === 'files' ? 2 : 1
      bound += times
      if (first <= fault.start) uncommitted++
    }
    return { uncommitted, bound, repeated: 0 }
  }

  /** Pub/Sub says nothing of what is acknowledged: what came out within a lease's time before counts as open. */
  #wasOpen(fault: Window, number: number): boolean {
    const lane = this.#lane[number]!
    if (lane < 0) return this.#first[number]! > fault.start - 30_000
    return this.#offset[number]! >= Math.max(0, fault.committed.get(this.#lanes[lane]!) ?? 0)
  }

  #topicOf(number: number): string {
    const lane = this.#lane[number]!
    return lane < 0 ? 'pubsub' : this.#lanes[lane]!.replace(/\/\d+$/, '')
  }

  #named(number: number): string {
    const lane = this.#lane[number]!
    const where = lane < 0 ? 'pubsub' : `${this.#lanes[lane]}@${this.#offset[number]}`
    return `alert ${number} (${where}, ${this.#fates[number]})`
  }
}

function parsed(text: string): { headers: [string, string][]; value: string } | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
