import {
  anyText,
  type Check,
  type Fields,
  filledText,
  flag,
  isFilled,
  isRecord,
  listOf,
  notNull,
  optional,
  type Problem,
  type Report,
  record,
  required
} from './checks.ts'
import { astrometry, photometry, spectroscopy } from './row-rules.ts'
import { reference, target } from './target-rules.ts'

/** What has rows that name a target. */
const tables: Readonly<Record<string, Check>> = { photometry, spectroscopy, astrometry }

const data = record({
  references: optional(listOf(reference)),
  event_id: optional(anyText),
  targets: optional(listOf(target)),
  ...Object.fromEntries(Object.entries(tables).map(([name, row]) => [name, optional(listOf(row))]))
})

const message = record(
  {
    title: required(filledText),
    topic: required(filledText),
    submitter: required(filledText),
    authors: notNull(anyText),
    message_text: notNull(anyText),
    data: optional(data),
    submit_to_tns: optional(flag),
    submit_to_mpc: optional(flag),
    submit_to_gcn: optional(flag)
  },
  (row, at) => {
    if (isRecord(row.data)) checkNames(row.data, (path, problem) => at(`data.${path}`, problem))
    if (row.submit_to_gcn === true) checkCircular(row, at)
    if (row.submit_to_tns === true) checkTns(row, at)
  }
)

/**
 * All that Hermes would refuse in a message, and where; none: it is valid. Beyond its rules, what it would take for
 * something else is a problem too: declinations with colons. Not checked is what Hermes alone knows: the writable topics,
 * the vocabularies of TNS and the subject words of GCN, whether a message that is referred to exists.
 */
export function problemsOf(value: unknown): readonly Problem[] {
  const problems: Problem[] = []
  message(value, '', (path, problem) => problems.push({ path, problem }))
  return problems
}

function checkNames(given: Fields, at: Report): void {
  const targets = rowsOf(given.targets)
  const names = targets.map(({ name }) => textOf(name))
  for (const [index, name] of names.entries()) {
    if (name !== '' && names.indexOf(name) !== names.lastIndexOf(name))
      at(`targets[${index}].name`, 'The target name must be unique within the submission')
  }
  for (const table of Object.keys(tables)) {
    for (const [index, row] of rowsOf(given[table]).entries()) {
      const name = textOf(row.target_name)
      if (name !== '' && !names.includes(name))
        at(`${table}[${index}].target_name`, 'The target_name must reference a name in your target table')
    }
  }
}

function checkCircular(row: Fields, at: Report): void {
  for (const name of ['authors', 'message_text']) if (!isFilled(row[name])) at(name, 'GCN requires this field.')
  if (/\b(re|fwd): |out of office/i.test(String(row.title))) at('title', 'GCN takes no replies.')
}

function checkTns(row: Fields, at: Report): void {
  const { targets, photometry, spectroscopy } = isRecord(row.data) ? row.data : {}
  if (!isFilled(row.authors)) at('authors', 'TNS requires this field.')
  if (!isFilled(targets)) at('data.targets', 'TNS requires at least one target.')
  if (isFilled(photometry) === isFilled(spectroscopy))
    at('data.photometry', 'TNS takes a discovery (photometry) or a classification (spectroscopy), one of the two.')
  for (const [index, one] of rowsOf(targets).entries()) {
    const path = `data.targets[${index}]`
    if (!isFilled(one.ra)) at(`${path}.ra`, 'TNS requires ra and dec.')
    if (isFilled(spectroscopy)) continue
    if (one.new_discovery !== true) at(`${path}.new_discovery`, 'TNS requires this of a discovery.')
    const info = isRecord(one.discovery_info) ? one.discovery_info : {}
    for (const name of ['reporting_group', 'discovery_source', 'transient_type'])
      if (!isFilled(info[name])) at(`${path}.discovery_info.${name}`, 'TNS requires this of a discovery.')
  }
}

function rowsOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map((row: unknown) => (isRecord(row) ? row : {})) : []
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''
}
