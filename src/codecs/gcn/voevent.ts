import { reasonOf } from '../../contract/errors.ts'
import { decoding, notEncodable } from '../failure.ts'
import { decodeJson } from '../json.ts'
import { type Limits, usualLimits } from '../limits.ts'
import { parseXml } from './xml.ts'
import { writeXml } from './xml-writer.ts'

/**
 * A VOEvent as a record: `{ivorn, role, version, Who, What, WhereWhen, ...}`, in the names of its elements and
 * attributes. Every value is text, so positions (`C1`, `C2`: degrees), times (`ISOTime`: UTC) and parameters want
 * `double()` in a FILTER. An element that is repeated is a list and one that is not is none: `What.Param` may be either.
 */
export interface VoEvent extends Record<string, unknown> {
  readonly ivorn: string
  /** `observation` where it is left out; `test` is no real event. */
  readonly role: unknown
  readonly version: unknown
}

const ROOT = 'voe:VOEvent'
const known = new Set('ivorn role version Who What WhereWhen How Why Citations Description Reference'.split(' '))
const NAMESPACE = 'http://www.ivoa.net/xml/VOEvent/v2.0'

/**
 * Reads XML as hop-client does, and the JSON that hop-client before 0.12 made of it. Elements that the standard has no
 * place for are kept, where hop-client fails. Throws `DECODE_FAILED`.
 */
export function decodeVoEvent(bytes: Uint8Array, limits: Limits = usualLimits): VoEvent {
  return decoding('VOEvent', () => {
    try {
      return readXml(bytes, limits)
    } catch (error) {
      try {
        return toVoEvent(decodeJson(bytes, limits))
      } catch {
        throw error
      }
    }
  })
}

function readXml(bytes: Uint8Array, limits: Limits): VoEvent {
  const { [ROOT]: event } = parseXml(bytes, limits)
  if (event === undefined) throw new Error(`its root element is not ${ROOT}`)
  if (!isRecord(event)) throw new Error('it is empty')
  return toVoEvent(Object.fromEntries(Object.entries(event).filter(([name]) => !name.includes(':'))))
}

/** A record of the fields, checked. */
export function toVoEvent(value: unknown): VoEvent {
  if (!isRecord(value)) throw new Error('it is no record')
  const { ivorn, role = 'observation', version = '2.0', ...others } = value
  if (typeof ivorn !== 'string') throw new Error('it has no ivorn')
  return { ivorn, role, version, ...others }
}

/**
 * XML of a VOEvent, given as XML (checked, and left as it is) or as the record that reading one gives. Throws
 * `HANDLER_FAILED`, also on what the standard has no place for: hop-client could not read it.
 */
export function encodeVoEvent(value: unknown): Uint8Array {
  try {
    const bytes = xmlOf(value)
    const unknown = Object.keys(readXml(bytes, usualLimits)).filter((name) => !known.has(name))
    if (unknown.length > 0) throw new Error(`a VOEvent has no ${unknown.join(', ')}`)
    return bytes
  } catch (error) {
    throw notEncodable(
      'VOEvent',
      reasonOf(error),
      'Return its XML, or a record as reading one gives it: {ivorn, Who, ...}'
    )
  }
}

function xmlOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return Buffer.from(value)
  return Buffer.from(writeXml(ROOT, { 'xmlns:voe': NAMESPACE, ...toVoEvent(value) }))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}
