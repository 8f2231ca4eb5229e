import type { IHeaders, KafkaMessage } from 'kafkajs'
import type { Headers } from '../../contract/alert.ts'

/** The headers of a message that was read, in order; of an unchanged kafkajs as far as its object tells. */
export function headersOf(message: Pick<KafkaMessage, 'headers'>): Headers {
  const headers: unknown = message.headers
  if (Array.isArray(headers)) return headers
  return Object.entries(message.headers ?? {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => [name, bytesOf(one)] as const)
  )
}

/** Headers for `producer.send`: as they are where pairs are understood, else as kafkajs' object, with null as no bytes. */
export function producerHeaders(headers: Headers, pairs: boolean): IHeaders {
  if (pairs) return headers as unknown as IHeaders
  const grouped = Object.groupBy(headers, ([name]) => name)
  return Object.fromEntries(
    Object.entries(grouped).map(([name, same = []]) => [name, same.map(([, value]) => Buffer.from(value ?? []))])
  )
}

function bytesOf(value: string | Buffer | null | undefined): Uint8Array | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' ? Buffer.from(value) : value
}
