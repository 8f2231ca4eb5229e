import type { Handler } from '../src/index.ts'

/** Characters of the payload in a line; OPTIONS.LENGTH is another number. */
const LENGTH = 300

/** Writes each alert to the log: where it came from, its Hopskotch id if it has one, the beginning of its payload. */
const log: Handler = (alert, { log, options }) => {
  const text = JSON.stringify(alert.payload(), readable) ?? 'nothing'
  const length = Number(options.LENGTH ?? LENGTH)
  const beginning = text.length > length ? `${text.slice(0, length)}...` : text
  const uuid = uuidOf(alert.headers.find(([name]) => name === '_id')?.[1])
  log.info({ uuid, size: alert.size, publishedAt: alert.publishedAt?.toISOString() }, `${alert.topic}: ${beginning}`)
}

export default log

/** Cut-outs as their length, and integers that JSON's readers would round as text. */
function readable(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const original = this[key]
  if (original instanceof Uint8Array) return `<${original.length} bytes>`
  return typeof value === 'bigint' ? String(value) : value
}

/** Hopskotch sends it as 16 bytes. */
function uuidOf(id: Uint8Array | null | undefined): string | undefined {
  if (id?.length !== 16) return undefined
  return Buffer.from(id)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
