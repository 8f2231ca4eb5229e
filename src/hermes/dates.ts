import { dateOfJd, dateOfMjd } from '../tom/quantities.ts'
import { numberOf } from './checks.ts'

const CLOCK = /(?:[T\s,]+(?<hour>\d\d?):?(?<minute>\d\d)(?::?(?<second>\d\d)(?:[.,](?<fraction>\d+))?)?)?/.source
const ZONE = /\s*(?<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?/.source
const DAY = /(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?/.source
/** ISO 8601, compact too; `10 Feb 2024`; `Feb 10, 2024`; `2024/02/10`; `02/10/2024`, the month first. */
const FORMS = [
  /(?<year>\d{4})(?<between>[-/]?)(?<month>\d\d?)\k<between>(?<day>\d\d?)/,
  /(?<day>\d\d?)[\s-]+(?<name>[a-z]{3,9})\.?[\s,-]+(?<year>\d{4})/,
  /(?<name>[a-z]{3,9})\.?\s+(?<day>\d\d?),?\s+(?<year>\d{4})/,
  /(?<month>\d\d?)\/(?<day>\d\d?)\/(?<year>\d{4})/
].map(({ source }) => new RegExp(`^${DAY}${source}${CLOCK}${ZONE}$`, 'i'))

const MONTHS = 'january february march april may june july august september october november december'.split(' ')

/**
 * A date of a message as ISO 8601 in UTC, to the microsecond where it says that; null for what is none. Numbers are JD or
 * MJD in UTC. Text is read as a TOM reads it, without an offset as UTC; what leaves out the day or the year is no date.
 */
export function utcOf(value: unknown): string | null {
  const number = numberOf(value)
  if (number !== undefined && number > 2_400_000 && number < 2_600_000) return dateOfJd(number)?.toISOString() ?? null
  if (number !== undefined && number < 150_000)
    return number > 1_000 ? (dateOfMjd(number)?.toISOString() ?? null) : null
  if (typeof value !== 'string') return null
  for (const form of FORMS) {
    const parts = form.exec(value.trim())?.groups
    if (parts !== undefined) return utcOfParts(parts)
  }
  return null
}

type Parts = Readonly<Record<string, string | undefined>>

function utcOfParts({ year, name, hour = '0', minute = '0', second = '0', fraction = '', zone, ...rest }: Parts) {
  const month = name === undefined ? Number(rest.month) - 1 : monthNamed(name)
  const [day, seconds] = [Number(rest.day), Number(second)]
  const isClock = Number(hour) < 24 && Number(minute) < 60 && seconds < 60
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'))
  const local = new Date(Date.UTC(Number(year), month, day, Number(hour), Number(minute), seconds, milliseconds))
  // 30 February would be a day in March.
  if (!isClock || local.getUTCMonth() !== month || local.getUTCDate() !== day) return null
  const text = new Date(local.getTime() - offsetOf(zone) * 60_000).toISOString()
  return fraction.length > 3 ? text.replace('Z', `${fraction.slice(3, 6).padEnd(3, '0')}Z`) : text
}

function monthNamed(name: string): number {
  return MONTHS.findIndex((month) => month.startsWith(name.toLowerCase()))
}

/** Minutes that a place is ahead of UTC: `+02:00`. */
function offsetOf(zone: string | undefined): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone ?? '') ?? []
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}
