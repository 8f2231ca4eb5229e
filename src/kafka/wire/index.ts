import type { IHeaders } from 'kafkajs'
import type { Headers } from '../../contract/alert.ts'
import { settledGroup } from './before-join.ts'
import { batchCodecs } from './codecs.ts'
import { freshConnection } from './connection.ts'
import { coordinatorCause } from './coordinator.ts'
import { nativeChecksum } from './crc32c.ts'
import { producerHeaders } from './headers.ts'
import { partitionGroups } from './partition-groups.ts'
import { produceRequest } from './produce-request.ts'
import { recordDecoder } from './record-decoder.ts'
import { loadKafkajs, replace } from './replacement.ts'
import { refusedTopics } from './refused-topics.ts'
import { requestFrame } from './request-frame.ts'
import { idleQueue } from './request-queue.ts'
import { sessions } from './sessions.ts'

export { beforeJoin } from './before-join.ts'
export { headersOf } from './headers.ts'

/** A part of kafkajs that was left as it is: slower, or poorer in headers. */
export interface NotApplied {
  readonly what: string
  readonly why: string
}

const DEFAULT_BATCH_LIMIT = 256 * 2 ** 20

/** In an order in which each finds those that it uses in place. */
const replacements = [
  nativeChecksum,
  produceRequest,
  requestFrame,
  partitionGroups,
  recordDecoder,
  idleQueue,
  freshConnection,
  sessions,
  refusedTopics,
  coordinatorCause,
  settledGroup
]

const notApplied = replacements.flatMap((replacement): NotApplied[] => {
  const why = replace(replacement)
  return why === undefined ? [] : [{ what: replacement.what, why }]
})

/**
 * kafkajs with its parts replaced. Take it from here: a file that imports values from 'kafkajs' itself may load it
 * before they are in place.
 */
export const kafkajs = loadKafkajs()
registerCodecs(DEFAULT_BATCH_LIMIT)

/**
 * Answers what could not be replaced. Replacing happens when this module loads; calling it again is harmless.
 * `batchLimit`: the most bytes that one compressed batch may unpack to, 256 MiB unless told.
 */
export function patchKafkajs({ batchLimit }: { readonly batchLimit?: number } = {}): readonly NotApplied[] {
  if (batchLimit !== undefined) registerCodecs(batchLimit)
  return notApplied
}

/** Headers in the form in which this process' `producer.send` takes them. */
export function headersFor(headers: Headers): IHeaders {
  return producerHeaders(headers, !notApplied.some(({ what }) => what === produceRequest.what))
}

function registerCodecs(limit: number): void {
  Object.assign(kafkajs.CompressionCodecs, batchCodecs(limit))
}
