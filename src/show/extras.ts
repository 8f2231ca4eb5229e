import type { Fields } from '../tom/fields.ts'
import { idIn, joined } from './words.ts'

/** More would be a page of its own. */
const MOST = 20
/** Characters of one. */
const LONGEST = 60

/** What a broker has added beside the survey's own fields: scores, classes, names in catalogues. Undefined for nothing. */
export function extrasIn(payload: Fields, own: readonly string[]): string | undefined {
  const facts = Object.keys(payload)
    .filter((name) => !own.includes(name))
    .flatMap((name) => {
      const text = textOf(payload, name)
      return text === undefined || text.length > LONGEST ? [] : [`${name} ${text}`]
    })
  const left = facts.length - MOST
  return joined([...facts.slice(0, MOST), left > 0 && `and ${left} more`])
}

function textOf(payload: Fields, name: string): string | undefined {
  const value = payload[name]
  if (typeof value === 'number' && !Number.isInteger(value))
    return Number.isNaN(value) ? undefined : String(Number(value.toPrecision(5)))
  return typeof value === 'boolean' || value === 0 ? String(value) : idIn(payload, name)
}
