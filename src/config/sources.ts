import type { Fields } from '../contract/options.ts'
import { table } from './reference.ts'
import type { Parts } from './scope.ts'

const PLACE = /<!-- options of (\w+)(?:, beside those of (\w+))? -->\n(?:(?!<!-- )[\s\S])*<!-- end -->/g

/** A page with the options of a stream wherever it has place for them; beside those of another, what is different. */
export function withOptions(page: string, { streams }: Parts): string {
  return page.replace(PLACE, (_, name: string, base: string | undefined) => {
    const [fields, others] = [name, base].map((one) => (one === undefined ? {} : fieldsOf(streams, one)))
    const from = `[${base ?? name}](options.md#${(base ?? name).toLowerCase()})`
    const text = base === undefined ? table(fields!) : difference(fields!, others!, from)
    const end = base === undefined ? '' : `, beside those of ${base}`
    return `<!-- options of ${name}${end} -->\n\n${text}\n\n<!-- end -->`
  })
}

function difference(fields: Fields, others: Fields, from: string): string {
  const own = Object.entries(fields).filter(([name, field]) => !isSame(field, others[name]))
  const absent = Object.keys(others).filter((name) => !(name in fields))
  const without = absent.length === 0 ? '' : ` but ${absent.map((name) => `\`${name}\``).join(', ')}`
  const rest = `It has the options of ${from}${without}`
  return own.length === 0 ? `${rest}.` : `${rest}, and differs in these:\n\n${table(Object.fromEntries(own))}`
}

function isSame(field: Fields[string], other: Fields[string] | undefined): boolean {
  const said = ({ doc, required, fallback }: Fields[string]) => JSON.stringify([doc, required, fallback])
  return other !== undefined && said(field) === said(other)
}

function fieldsOf(streams: Parts['streams'], name: string): Fields {
  const Class = Object.entries(streams).find(([one]) => one === name)?.[1]
  if (Class === undefined) throw new Error(`there is no stream ${name}`)
  return Class.fields
}
