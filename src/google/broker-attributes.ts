import type { Headers } from '../contract/alert.ts'
import { declare } from '../contract/options.ts'
import type { Source } from '../contract/sink.ts'

const GROUPS = ['kafka', 'ids'] as const

type Group = (typeof GROUPS)[number]

/** One group of attributes, or several. */
export const attributeGroups = declare<readonly Group[]>(
  'list',
  { oneOf: [{ enum: GROUPS }, { type: 'array', items: { enum: GROUPS } }] },
  (value) => {
    const words: readonly unknown[] = Array.isArray(value) ? value : [value]
    return words.every(isGroup) ? { value: words } : { problem: `expected ${GROUPS.join(', ')} or a list of them` }
  }
)

function isGroup(value: unknown): value is Group {
  return GROUPS.some((group) => group === value)
}

/** Where a survey's alerts have their ids, and the names that the Pitt-Google broker gives them as attributes. */
const IDS = [
  ['objectId'],
  ['candid'],
  ['diaObject', 'diaObjectId'],
  ['diaSource', 'diaSourceId'],
  ['ssSource', 'ssObjectId']
] as const

/** What the Pitt-Google broker says of an alert beside its bytes. Throws `DECODE_FAILED` for ids of what is no alert. */
export function brokerAttributes(groups: readonly Group[], source: Pick<Source, 'message' | 'payload'>) {
  const attributes: [string, string][] = []
  const { partition, offset, publishedAt, topic } = source.message
  if (groups.includes('kafka') && offset !== undefined) {
    attributes.push(['kafka.topic', topic], ['kafka.partition', String(partition)], ['kafka.offset', offset])
    if (publishedAt !== undefined) attributes.push(['kafka.timestamp', String(publishedAt.getTime())])
  }
  if (groups.includes('ids')) {
    const alert = source.payload()
    for (const path of IDS) {
      const id = path.reduce<unknown>(
        (value, name) => (value as Readonly<Record<string, unknown>> | null)?.[name],
        alert
      )
      if (typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint')
        attributes.push([path.join('_'), String(id)])
    }
  }
  return attributes
}

/** These headers and those of the others whose names they do not have. */
export function withAttributes(headers: Headers, added: readonly (readonly [string, string])[]): Headers {
  const given = new Set(headers.map(([name]) => name))
  return [...headers, ...added.flatMap(([name, text]) => (given.has(name) ? [] : [[name, Buffer.from(text)] as const]))]
}
