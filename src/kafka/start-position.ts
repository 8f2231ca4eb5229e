import { declare } from '../contract/options.ts'

/** Where to begin on a partition for which the group has no offset yet. */
export type StartPosition =
  | { readonly at: 'earliest' }
  | { readonly at: 'latest' }
  /** Unix milliseconds, UTC. */
  | { readonly at: 'time'; readonly time: number }
  | { readonly at: 'hours back'; readonly hours: number }

/** EARLIEST, LATEST, an ISO time, or hours back as -6h. */
export const startPosition = declare<StartPosition>('start position', { type: 'string' }, (value) => {
  const word = value instanceof Date ? value.toISOString() : String(value).trim()
  if (/^earliest$/i.test(word)) return { value: { at: 'earliest' } }
  if (/^latest$/i.test(word)) return { value: { at: 'latest' } }
  const hours = /^-(\d+(?:\.\d+)?)h$/i.exec(word)
  if (hours) return { value: { at: 'hours back', hours: Number(hours[1]) } }
  const time = /^\d{4}-\d{2}-\d{2}/.test(word)
    ? Date.parse(/[zZ]|[+-]\d{2}:?\d{2}$/.test(word) || word.length === 10 ? word : `${word}Z`)
    : Number.NaN
  if (Number.isNaN(time))
    return { problem: 'expected EARLIEST, LATEST, an ISO time such as 2026-03-01T04:00:00Z, or -6h' }
  return { value: { at: 'time', time } }
})
