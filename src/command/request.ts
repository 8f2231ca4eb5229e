import { stringifyJson } from '../codecs/json-text.ts'
import { payloadText } from '../codecs/payload-text.ts'
import type { Alert } from '../contract/alert.ts'

/** How alerts are written for a program. */
export interface AlertStyle {
  /** With bytes (cut-outs) as base64; else they are left out. */
  readonly cutouts: boolean
  /** NaN and infinities as null; else they are the bare words of Python. */
  readonly strict: boolean
}

/** One call as a line. `call` is repeated in the answer, so that none is taken for another's. */
export function requestLine(call: number, alert: Alert, options: unknown, { cutouts, strict }: AlertStyle): string {
  const payload = alert.payload()
  const bytes = cutouts || payload instanceof Uint8Array ? 'base64' : 'skip'
  const text = payloadText(payload, { bytes, strict, exact: false, pretty: false })
  return `{"call":${call},"alert":${text},"message":${messageText(alert)},"options":${stringifyJson(options)}}\n`
}

function messageText({ stream, topic, id, partition, offset, key, headers, publishedAt }: Alert): string {
  const named = headers.map(([name, value]) => [name, value && textOrBase64(value)])
  return stringifyJson({
    stream,
    topic,
    id,
    partition,
    offset,
    key: key && textOrBase64(key),
    headers: named,
    publishedAt
  })
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOrBase64(bytes: Uint8Array): string | { readonly base64: string } {
  try {
    return utf8.decode(bytes)
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') }
  }
}
