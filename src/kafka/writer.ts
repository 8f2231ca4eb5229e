import type { Admin, Kafka } from 'kafkajs'
import type { Rejection } from '../contract/sink.ts'
import { cut, type PlacedRecord } from './cut.ts'
import { hasType, targetError } from './errors.ts'
import { Producers } from './producers.ts'
import { choosePartition } from './partition.ts'
import { type Target, Targets } from './target.ts'
import { kafkajs } from './wire/index.ts'

/** The broker's word that this one message can never be taken. */
const NEVER = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'INVALID_TIMESTAMP', 'CORRUPT_MESSAGE']

export const compressions = { none: 'None', gzip: 'GZIP', snappy: 'Snappy', lz4: 'LZ4', zstd: 'ZSTD' } as const
export type Compression = keyof typeof compressions

/** What to do with a record that its topic does not take. */
export interface Offload {
  isTooLarge(placed: PlacedRecord, limit: number): boolean
  /**
   * Stores it elsewhere and writes something smaller in its place, or says in `refused` why not; false: it stays as it
   * is. Rejects with `SINK_UNAVAILABLE`.
   */
  replace(placed: PlacedRecord, signal: AbortSignal): Promise<boolean>
}

/** Writes placed records to one cluster. */
export class Writer {
  readonly #admin: Admin
  readonly #targets: Targets
  readonly #producers: Producers
  readonly #where: string
  readonly #compression: Compression
  readonly #offload: Offload | undefined
  #writes = 0

  constructor(kafka: Kafka, where: string, compression: Compression, offload?: Offload) {
    this.#admin = kafka.admin()
    this.#targets = new Targets(this.#admin)
    this.#producers = new Producers(kafka)
    this.#where = where
    this.#compression = compression
    this.#offload = offload
  }

  /** Reaches the broker, and looks for the topic where there is only one. */
  async connect(topic: string | undefined): Promise<void> {
    try {
      await this.#admin.connect()
      await (topic === undefined ? this.#admin.listTopics() : this.#targets.find(topic))
      await this.#producers.ready()
    } catch (error) {
      throw targetError(error, this.#where)
    }
  }

  /** All of one topic. Resolves when every record that can be taken is with all in-sync replicas. */
  async write(topic: string, batch: readonly PlacedRecord[], signal: AbortSignal): Promise<Rejection[]> {
    try {
      const target = await this.#findFor(topic, batch)
      const turn = this.#writes++
      for (const record of batch) {
        record.partition ??= choosePartition(record, target.partitions, turn)
        // kafkajs would leave it out without a word.
        if (!hasPartition(target, record.partition))
          record.refused = `${topic} has ${target.partitions} partitions, and no partition ${record.partition}`
      }
      const isOpen = (record: PlacedRecord) => !record.written && record.refused === undefined
      for (const record of batch) {
        if (isOpen(record) && this.#offload?.isTooLarge(record, target.limit))
          await this.#offload.replace(record, signal)
      }
      for (const send of cut(batch.filter(isOpen), target.limit)) await this.#send(topic, send, target, signal)
    } catch (error) {
      this.#targets.forget(topic)
      throw targetError(error, `${this.#where}, topic ${topic}`)
    }
    return batch.flatMap(({ refused: reason }, index) =>
      reason === undefined ? [] : [{ index, code: 'SINK_REJECTED', reason }]
    )
  }

  /** Looks again before it says that a partition is not there: one may have been added. */
  async #findFor(topic: string, batch: readonly PlacedRecord[]): Promise<Target> {
    const target = await this.#targets.find(topic)
    if (batch.every(({ partition }) => partition === undefined || hasPartition(target, partition))) return target
    this.#targets.forget(topic)
    return this.#targets.find(topic)
  }

  async close(): Promise<void> {
    await this.#producers.close()
    await this.#admin.disconnect().catch(() => undefined)
  }

  async #send(topic: string, records: readonly PlacedRecord[], target: Target, signal: AbortSignal): Promise<void> {
    try {
      await this.#producers.send({
        topic,
        acks: -1,
        compression: kafkajs.CompressionTypes[compressions[this.#compression]],
        messages: records.map(({ record, partition }) => ({ ...record, partition: partition! }))
      })
      for (const record of records) record.written = true
    } catch (error) {
      if (!hasType(error, ...NEVER)) throw error
      const [record] = records
      if (records.length === 1 && record !== undefined) {
        if (record.shrink?.(record, target.limit)) return this.#send(topic, records, target, signal)
        if (await this.#offload?.replace(record, signal)) {
          return record.refused === undefined ? this.#send(topic, records, target, signal) : undefined
        }
        record.refused = `${topic} takes at most ${target.limit} bytes, and refused this of ${record.bytes}`
        return
      }
      const half = Math.ceil(records.length / 2)
      await this.#send(topic, records.slice(0, half), target, signal)
      await this.#send(topic, records.slice(half), target, signal)
    }
  }
}

function hasPartition({ partitions }: Target, partition: number): boolean {
  return Number.isInteger(partition) && partition >= 0 && partition < partitions
}
