import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codecOf } from '../../src/codecs/usual.ts'
import type { Alert } from '../../src/index.ts'
import { sourceOf } from '../contract/sink-bench.ts'
import { root } from '../docs/blocks.ts'

const data = join(root, '../shared/data')
export const withoutData = !existsSync(data)

/** An alert as a handler is given it. */
export function alertOf<Payload>(payload: Payload, over: Partial<Alert> = {}): Alert<Payload> {
  const { message } = sourceOf({ topic: 'a.topic', ...over })
  const header = (name: string) => {
    const value = message.headers.find(([one]) => one === name)?.[1]
    return value ? Buffer.from(value).toString() : undefined
  }
  return { ...message, stream: over.stream ?? 'a-stream', header, payload: () => payload }
}

/** A real alert, by its file below `data`. */
export function realAlert(file: string, over: Partial<Alert> = {}): Alert {
  const { message } = sourceOf({ bytes: readFileSync(join(data, file)) })
  return alertOf(codecOf('auto').decode(message), over)
}

/** The real ZTF packets. */
export function realZtf(): readonly Alert<ZtfPayload>[] {
  const files = readdirSync(join(data, 'ztf')).filter((file) => file.endsWith('.avro'))
  return files.map((file) => realAlert(`ztf/${file}`, { topic: 'ztf-alerts' }) as Alert<ZtfPayload>)
}

export interface ZtfPayload {
  readonly objectId: string
  readonly candid: bigint
  readonly candidate: Readonly<Record<string, unknown>>
  readonly prv_candidates: readonly Readonly<Record<string, unknown>>[] | null
}

/**
 * The alerts that a packet's history tells of, the first detection first: each row of the history that is a detection was
 * an alert of its own, with the rows before it as its history.
 */
export function alertsWithin(alert: Alert<ZtfPayload>): readonly Alert<ZtfPayload>[] {
  const payload = alert.payload()
  const rows = payload.prv_candidates ?? []
  const earlier = rows.flatMap((row, index) => {
    if (row.magpsf == null) return []
    const before = { ...payload, candid: row.candid as bigint, candidate: row, prv_candidates: rows.slice(0, index) }
    return [alertOf(before, { topic: alert.topic })]
  })
  return [...earlier, alert]
}
