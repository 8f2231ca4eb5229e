import { declare } from '../contract/options.ts'
import { recordOf } from './answers.ts'

/** What is kept of a ZTF alert, all of it side by side in one flat record. */
export interface ZtfFields {
  readonly 'top-level': readonly string[]
  readonly candidate: readonly string[]
  /** Of the message: message_id, publish_time, and names of attributes. */
  readonly metadata: readonly string[]
}

const PARTS = ['top-level', 'candidate', 'metadata'] as const

/** jd: Julian date, UTC; ra, dec: degrees, ICRS; magpsf: AB magnitude; classtar: 0 (galaxy) to 1 (star). */
export const usualFields: ZtfFields = {
  'top-level': ['objectId', 'candid'],
  candidate: ['jd', 'ra', 'dec', 'magpsf', 'classtar'],
  metadata: []
}

export const ztfFields = declare<ZtfFields>('map', { type: 'object' }, (value) => {
  const given = recordOf(value)
  const names = Object.keys(given ?? {})
  const [missing] = PARTS.filter((part) => !names.includes(part))
  const [unknown] = names.filter((name) => !PARTS.some((part) => part === name))
  if (given === undefined || missing || unknown) {
    return { problem: `expected a map of ${PARTS.join(', ')}${unknown ? `; it has ${unknown}` : ''}` }
  }
  const lists = PARTS.map((part) => [part, listOf(given[part])] as const)
  const [wrong] = lists.filter(([, list]) => list === undefined)
  if (wrong) return { problem: `${wrong[0]} must be a list of names` }
  const all = lists.flatMap(([, list]) => list ?? [])
  const twice = all.find((name, at) => all.indexOf(name) < at)
  if (twice) return { problem: `${twice} is there twice, and the fields lie side by side` }
  return { value: { ...usualFields, ...Object.fromEntries(lists) } }
})

function listOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined
}
