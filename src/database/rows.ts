import { hash } from 'node:crypto'
import { lineOf } from '../archive/message-line.ts'
import type { Failure, Outgoing, Source } from '../contract/sink.ts'
import type { Target } from '../tom/records.ts'
import { type Measured, observe } from './observed.ts'
import { type Row, rowOf, type Value } from './values.ts'

/** What an alert's row is made of. */
export interface AlertContent {
  readonly topic: string
  /** Its id where the payload has none: the same on every redelivery. */
  readonly fallbackId: string
  readonly payload: unknown
  /** The payload as JSON, as far as it is kept. */
  readonly json: string | null
  /** What is no JSON. */
  readonly bytes: Uint8Array | null
  /** Earlier measurements, too, as far as the alert tells them. */
  readonly history: boolean
}

/** The alert, its object, and how bright that was. */
export function alertRows({ stream, message }: Source, content: AlertContent): readonly Row[] {
  const { ra, dec, mjd, name, target, ...seen } = observe(content.payload)
  const id = seen.id ?? content.fallbackId
  const own = seen.photometry.findLast((one) => one.mjd === mjd)
  const alert: Row = {
    table: 'alerts',
    columns: {
      stream,
      alert_id: id,
      topic: content.topic,
      object_id: name,
      ra,
      dec,
      mjd,
      filter: own?.filter ?? null,
      magnitude: own?.magnitude ?? null,
      magnitude_error: own?.magnitude_error ?? null,
      flux: own?.flux ?? null,
      flux_error: own?.flux_error ?? null,
      published_at: message.publishedAt?.toISOString() ?? null,
      received_at: new Date().toISOString(),
      payload: content.json,
      bytes: content.bytes
    }
  }
  const targets = target === undefined ? [] : [targetRow(target, mjd)]
  const measured = content.history ? seen.photometry : own === undefined ? [] : [own]
  if (name === null) return [alert, ...targets]
  // What the alert tells of earlier ones has their ids.
  const of = (one: Measured) =>
    measuredRow({ target: name, ...(one === own && { alert_id: id }), ...one, source: stream })
  return [alert, ...targets, ...measured.map(of)]
}

/** Elements of an orbit have no columns of their own. */
function targetRow({ name, type, aliases, ...where }: Target, mjd: number | null): Row {
  const known = aliases.length === 0 ? {} : { aliases }
  const place = type === 'SIDEREAL' ? where : { extra: where }
  return rowOf('targets', { name, type, ...place, ...known, last_mjd: mjd })
}

/** A row that a handler made. */
export function handlerRow({ stream, message }: Source, topic: string, table: unknown, row: unknown): Row {
  if (typeof row !== 'object' || row === null) return rowOf(table, row)
  if (table === 'photometry') return measuredRow(row)
  if (table !== 'alerts') return rowOf(table, row)
  return rowOf(table, { stream, topic, published_at: message.publishedAt, received_at: new Date(), ...row })
}

/** All of a message that failed, as a line of a file would hold it. */
export function deadLetterRow(source: Source, failure: Failure, outgoing: Outgoing): Row {
  const { stream, message, route } = source
  const { code, reason, stack, attempts } = failure
  const row = { stream, message_id: message.id, topic: message.topic, route, code, reason, stack, attempts }
  const { columns } = rowOf('dead_letters', { ...row, received_at: new Date() })
  const content = {
    key: bytesOf(outgoing.key),
    headers: (outgoing.headers ?? []).map(([name, value]) => [name, bytesOf(value)] as const),
    bytes: bytesOf(outgoing.value)
  }
  return { table: 'dead_letters', columns: { ...columns, message: lineOf(source, content).trimEnd() } }
}

function bytesOf(value: unknown): Uint8Array | null {
  return typeof value === 'string' ? Buffer.from(value) : value instanceof Uint8Array ? value : null
}

/** What makes a measurement another one. */
const IDENTITY = ['target', 'mjd', 'filter', 'magnitude', 'magnitude_limit', 'flux', 'sign', 'telescope', 'instrument']

/** The same measurement has the same id, whoever sends it and how often. */
function measuredRow(given: object): Row {
  if ('id' in given) return rowOf('photometry', given)
  const { columns } = rowOf('photometry', { id: 'pending', ...given })
  const values: readonly Value[] = IDENTITY.map((name) => columns[name] ?? null)
  return {
    table: 'photometry',
    columns: { ...columns, id: hash('sha256', values.map(String).join('\n')).slice(0, 32) }
  }
}
