import { reasonOf } from '../contract/errors.ts'
import { declare, duration, number, type OptionsOf, text } from '../contract/options.ts'
import type { Schedule } from '../contract/schedule.ts'
import { asMap, checkKeys } from './keys.ts'
import { readOptions } from './options.ts'
import type { Scope } from './scope.ts'
import { readSite, siteNames } from './site.ts'
import { type Entry, isNull, isUnknown, type Place } from './tree.ts'

const EXAMPLES = `as in  SCHEDULE: { SUN_BELOW: -12, SITE: ${siteNames[0]} }  or  SCHEDULE: { CRON: '0 2 * * *', FOR: 10h }`
/** Degrees. At the higher one the sun has set everywhere. */
const [LOWEST, HIGHEST] = [-89, -1]
/** On the day that has 23 hours a window of 24 does not fit. */
const LENIENCE = 1.1

const nameOrMap = declare<unknown>('name or map', { type: ['string', 'object'] }, (value) => ({ value }))

export const scheduleFields = {
  CRON: text('When the stream begins: minute, hour, day of the month, month, day of the week.'),
  FOR: duration('How long it then runs; with `CRON`.'),
  TIMEZONE: text('What `CRON` is meant in, as `America/Los_Angeles`. Default: UTC.'),
  SUN_BELOW: number(
    'Instead of `CRON`: it begins when the centre of the sun sinks below this altitude in degrees (-12: the end of nautical twilight), and runs until sunrise.'
  ),
  SITE: nameOrMap(`Where the sun is seen from; with \`SUN_BELOW\`: ${siteNames.join(', ')}, or a map.`)
}

type Options = OptionsOf<typeof scheduleFields>

interface Given {
  readonly options: Options
  readonly scope: Scope
  entry(key: keyof Options): Entry | undefined
  problem(key: keyof Options, rule: string, remedy: string): undefined
}

/** SCHEDULE of a stream. Undefined: it always runs, or a problem was reported. */
export async function readSchedule(entry: Entry | undefined, scope: Scope): Promise<Schedule | undefined> {
  if (entry === undefined || isNull(entry.node) || isUnknown(entry.node)) return undefined
  const { report } = scope
  const map = asMap(entry.node, 'SCHEDULE', report, EXAMPLES)
  if (map === undefined) return undefined
  checkKeys(map, Object.keys(scheduleFields), 'SCHEDULE', report)
  const options = await readOptions(map, entry.at, scheduleFields, 'SCHEDULE', scope)
  if (options === undefined) return undefined
  const placeOf = (key: string): Place => map.entries.get(key)?.node.place ?? entry.at
  const given: Given = {
    options,
    scope,
    entry: (key) => map.entries.get(key),
    problem(key, rule, remedy) {
      report.problem(placeOf(key), rule, remedy)
      return undefined
    }
  }
  const { CRON, SUN_BELOW } = options
  if (CRON !== undefined && SUN_BELOW === undefined) return readCron(CRON, given)
  if (SUN_BELOW !== undefined && CRON === undefined) return readSun(SUN_BELOW, given)
  return given.problem('SUN_BELOW', 'SCHEDULE needs either CRON or SUN_BELOW', EXAMPLES)
}

async function readCron(CRON: string, { options, problem }: Given): Promise<Schedule | undefined> {
  const { FOR = 0, TIMEZONE = 'UTC', SITE } = options
  if (SITE !== undefined) return problem('SITE', 'SITE goes with SUN_BELOW, not with CRON', 'leave it out')
  if (FOR < 1) return problem('FOR', 'CRON needs FOR, a second or more', 'as in  FOR: 10h')
  if (!isTimeZone(TIMEZONE))
    return problem('TIMEZONE', `the time zone ${TIMEZONE} is not known`, 'as in  America/Los_Angeles, or UTC')
  const { CronSchedule } = await import('../schedule/cron.ts')
  try {
    const schedule = new CronSchedule(CRON, FOR, TIMEZONE)
    const now = new Date()
    if (schedule.next(now) === undefined) return problem('CRON', `CRON: ${CRON} never comes`, 'check day and month')
    const gap = schedule.shortestGap(now)
    if (FOR <= gap * LENIENCE) return schedule
    const rule = `FOR: it would begin again after ${gap / 60} min, before it has ended after ${FOR / 60} min`
    return problem('FOR', rule, 'shorten FOR, or let CRON come less often')
  } catch (error) {
    const remedy = "minute, hour, day of the month, month, day of the week, as in  CRON: '30 2 * * *'"
    return problem('CRON', `CRON: ${reasonOf(error).replace(/^\w+: /, '')}`, remedy)
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

async function readSun(below: number, { options, scope, entry, problem }: Given): Promise<Schedule | undefined> {
  const { FOR, TIMEZONE } = options
  if (FOR !== undefined) return problem('FOR', 'FOR goes with CRON; SUN_BELOW lasts until sunrise', 'leave it out')
  if (TIMEZONE !== undefined) return problem('TIMEZONE', 'TIMEZONE goes with CRON, not with SUN_BELOW', 'leave it out')
  const twilights = '-12 is the end of nautical twilight, -18 that of astronomical twilight'
  if (below < LOWEST || below > HIGHEST)
    return problem(
      'SUN_BELOW',
      `SUN_BELOW must lie between ${LOWEST} and ${HIGHEST} degrees, not at ${below}`,
      twilights
    )
  const place = entry('SITE')
  if (place === undefined || isNull(place.node)) return problem('SITE', 'SUN_BELOW needs a SITE', EXAMPLES)
  const site = await readSite(place, scope)
  if (site === undefined) return undefined
  const { SunSchedule } = await import('../schedule/sun.ts')
  const schedule = new SunSchedule(below, site)
  if (schedule.next(new Date()) !== undefined) return schedule
  const rule = `the sun never sinks to ${below} degrees at latitude ${site.latitude}`
  return problem('SUN_BELOW', rule, `raise SUN_BELOW (${twilights}), or check the SITE`)
}
