import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { declare } from '../contract/options.ts'
import type { StreamSetup } from '../contract/stream.ts'
import { pubsubError } from './status.ts'
import type { SubscriptionCalls } from './touch.ts'

/** A time, and how it was written. */
export interface StartTime {
  readonly written: string
  /** Unix milliseconds; negative: before now. */
  readonly at: number
}

/** An ISO time (UTC unless it says otherwise), or hours back as -6h. */
export const startTime = declare<StartTime>('start time', { type: 'string' }, (value) => {
  const written = value instanceof Date ? value.toISOString() : String(value).trim()
  const hours = /^-(\d+(?:\.\d+)?)h$/i.exec(written)
  if (hours) return { value: { written, at: -Math.round(Number(hours[1]) * 3_600_000) } }
  const zoned = /[zZ]|[+-]\d{2}:?\d{2}$/.test(written) || written.length === 10 ? written : `${written}Z`
  const at = /^\d{4}-\d{2}-\d{2}/.test(written) ? Date.parse(zoned) : Number.NaN
  if (at > Date.now()) return { problem: 'lies in the future: everything until then would be lost' }
  if (at >= 0) return { value: { written, at } }
  return {
    problem: 'expected an ISO time such as 2026-03-01T04:00:00Z, or -6h; left out, a subscription goes on where it was'
  }
})

/**
 * Lets a subscription begin at that time: when it is new, and else once, since each restart would bring everything again.
 * What was done is remembered in STATE_DIR.
 */
export async function seekOnce(
  subscriptionPath: string,
  { written, at }: StartTime,
  created: boolean,
  calls: Pick<SubscriptionCalls, 'seek'>,
  { id, stateDir, log }: Pick<StreamSetup, 'id' | 'stateDir' | 'log'>,
  project: string
): Promise<void> {
  const name = createHash('sha256').update(subscriptionPath).digest('hex').slice(0, 12)
  const file = join(stateDir, `pubsub-start-${name}.json`)
  const mark = JSON.stringify({ subscription: subscriptionPath, start: written })
  if (!created && (await readFile(file, 'utf8').catch(() => '')) === mark) return
  // Of a second that has begun all comes again: Pub/Sub counts finer than a Date.
  const time = new Date(Math.floor((at < 0 ? Date.now() + at : at) / 1000) * 1000)
  try {
    await calls.seek(subscriptionPath, time)
  } catch (error) {
    throw pubsubError(error, `${id}: ${subscriptionPath}: START_POSITION ${written}`, project)
  }
  await mkdir(stateDir, { recursive: true })
  await writeFile(file, mark)
  log.info(
    `${subscriptionPath} begins at ${time.toISOString()}, as far as Pub/Sub has kept what was published since then`
  )
}
