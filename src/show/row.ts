import type { Fields } from '../tom/fields.ts'

/** A flat row of a table, with `candidate_jd` and the like, as the alert has it: `candidate: {jd}`. Others as they are. */
export function nested(row: Fields): Fields {
  const flat = /^candidate_(.+)/
  if (row.candidate !== undefined || !Object.keys(row).some((name) => flat.test(name))) return row
  const entries = Object.entries(row)
  const candidate = entries.flatMap(([name, value]) => {
    const [, field] = flat.exec(name) ?? []
    return field === undefined ? [] : [[field, value] as const]
  })
  const others = entries.filter(([name]) => !flat.test(name))
  return { ...Object.fromEntries(others), candidate: Object.fromEntries(candidate) }
}
