import type { Kafka } from 'kafkajs'
import type { Logger } from '../contract/log.ts'
import { hasType, sourceError } from './errors.ts'
import { readTopics } from './topic-reader.ts'

/** Where Hopskotch says what there is beside Kafka. */
const METADATA = 'sys.metadata'
/** How long it is believed that there is no service, in ms. */
const BELIEVED_MS = 300_000

/** Who asks. */
export interface Asking {
  readonly connect: () => Kafka | Promise<Kafka>
  /** Consumer groups of the user have to begin so. */
  readonly groupPrefix: string
  /** The cluster, for messages. */
  readonly where: string
  readonly log: Logger
}

/**
 * Asks the broker for the address of its service for large messages when it is first needed, and remembers the answer;
 * undefined where the broker names none. Rejects where the broker cannot be asked.
 */
export function offloadEndpoint(asking: Asking): () => Promise<string | undefined> {
  let known: Promise<string | undefined> | undefined
  let until = 0
  return () => {
    if (known !== undefined && Date.now() < until) return known
    until = Number.POSITIVE_INFINITY
    known = discover(asking)
    known.then(
      (endpoint) => {
        if (endpoint === undefined) until = Date.now() + BELIEVED_MS
      },
      () => {
        known = undefined
      }
    )
    return known
  }
}

async function discover({ connect, groupPrefix, where, log }: Asking): Promise<string | undefined> {
  try {
    const endpoint = endpointIn(await lastValue(await connect(), groupPrefix))
    if (endpoint === undefined) log.debug(`${where} names no service for large messages in ${METADATA}`)
    else if (endpoint.startsWith('https:')) log.info({ endpoint }, `the service of ${where} for large messages`)
    else
      log.warn({ endpoint }, `the service of ${where} for large messages has no TLS: it is used only where you name it`)
    return endpoint
  } catch (error) {
    if (hasType(error, 'TOPIC_AUTHORIZATION_FAILED', 'GROUP_AUTHORIZATION_FAILED')) return undefined
    throw sourceError(error, where)
  }
}

/** Of the newest message. */
async function lastValue(kafka: Kafka, groupPrefix: string): Promise<Buffer | null> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    if (!(await admin.listTopics()).includes(METADATA)) return null
    let last: { readonly value: Buffer | null; readonly timestamp: string } | undefined
    for await (const { raw } of readTopics(kafka, admin, [METADATA], groupPrefix)) {
      if (last === undefined || Number(raw.timestamp) >= Number(last.timestamp)) last = raw
    }
    return last?.value ?? null
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

/** `{"LargeMessageUploadEndpoint": "https://..."}` */
function endpointIn(value: Buffer | null): string | undefined {
  try {
    const { LargeMessageUploadEndpoint: endpoint } = JSON.parse(value?.toString() ?? '{}') as Record<string, unknown>
    return typeof endpoint === 'string' && /^https?:\/\/[^@]+$/.test(endpoint)
      ? endpoint.replace(/\/+$/, '')
      : undefined
  } catch {
    return undefined
  }
}
