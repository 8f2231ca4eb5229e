import { declare } from '../contract/options.ts'

const DAY = 86_400_000

/** When something was, as far as it is known: Unix milliseconds, UTC, both included. */
export interface Span {
  readonly from: number
  readonly to: number
}

export function instant(time: Date): Span {
  return { from: time.getTime(), to: time.getTime() }
}

/** Any time from this midnight to the next. */
export function nightSpan(midnight: Date): Span {
  return { from: midnight.getTime(), to: midnight.getTime() + DAY - 1 }
}

/** A time that was given: Unix milliseconds; negative: before now. */
export const time = declare<number>('time', { type: ['string', 'integer'] }, (given) => {
  const text = given instanceof Date ? given.toISOString() : String(given).trim()
  const hours = /^-(\d+(?:\.\d+)?)h$/i.exec(text)
  if (hours) return { value: -Number(hours[1]) * 3_600_000 }
  const written = text.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3')
  const zoned = /[zZ]|[+-]\d{2}:?\d{2}$/.test(written) || written.length === 10 ? written : `${written}Z`
  const at = /^\d{4}-\d{2}-\d{2}/.test(written) ? Date.parse(zoned) : Number.NaN
  return at >= 0
    ? { value: at }
    : { problem: 'expected a time such as 2026-03-01T04:00:00Z, 2026-03-01, 20260301 or -6h' }
})

/** Whether something may have been at or after `since` and before `until`; given times as `time` reads them. */
export function within(since: number | undefined, until: number | undefined, now: number): (span: Span) => boolean {
  const [first, end] = [since, until].map((at) => (at !== undefined && at < 0 ? now + at : at))
  return ({ from, to }) => (first === undefined || to >= first) && (end === undefined || from < end)
}
