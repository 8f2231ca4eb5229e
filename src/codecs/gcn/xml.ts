import { SaxesParser } from 'saxes'
import type { Limits } from '../limits.ts'
import { setField } from './field.ts'
import { strip } from './python-text.ts'

/** Text, null for an empty element, a record where it has attributes or children, a list where its name is repeated. */
export type XmlValue = string | null | XmlRecord | XmlValue[]
export interface XmlRecord {
  [name: string]: XmlValue
}

/** A hundred times what VOEvents have: each costs the parser several hundred bytes. */
const MOST_NODES = 100_000
const MOST_BYTES = 2 * 1024 * 1024

interface Element {
  record: XmlRecord | undefined
  text: string
}

/**
 * An XML document as Python's xmltodict gives it without a prefix for attributes: they stand beside the children, text
 * beside either is `#text`, white space around text is dropped, comments and processing instructions are. Values stay
 * text; prefixes of names stay. Throws on what is not well formed, and on a document type with declarations of its own:
 * nothing is ever expanded or fetched.
 */
export function parseXml(bytes: Uint8Array, limits: Limits): XmlRecord {
  if (bytes.length > MOST_BYTES) throw new Error(`it has ${bytes.length} bytes, more than ${MOST_BYTES}`)
  const parser = new SaxesParser()
  const root: Element = { record: undefined, text: '' }
  const open = [root]
  let next: Element = { record: undefined, text: '' }
  const most = Math.min(limits.values, MOST_NODES)
  let values = 0
  const count = () => {
    if (++values > most) throw new Error(`it has more than ${most} elements and attributes`)
  }
  const addText = (text: string) => {
    open.at(-1)!.text += text
  }

  parser.on('doctype', (doctype) => {
    if (doctype.includes('[')) throw new Error('its document type declares entities or defaults')
  })
  parser.on('attribute', ({ name, value }) => {
    count()
    put(next, name, value)
  })
  parser.on('opentag', () => {
    count()
    if (open.length > limits.depth) throw new Error(`it is deeper than ${limits.depth} elements`)
    open.push(next)
    next = { record: undefined, text: '' }
  })
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', ({ name }) => {
    const element = open.pop()!
    const text = strip(element.text) || null
    if (element.record !== undefined && text !== null) put(element, '#text', text)
    put(open.at(-1)!, name, element.record ?? text)
  })
  parser.write(textOf(bytes)).close()
  return root.record!
}

function put(element: Element, name: string, value: XmlValue): void {
  element.record ??= {}
  const { record } = element
  const present = Object.hasOwn(record, name) ? record[name] : undefined
  if (Array.isArray(present)) present.push(value)
  else setField(record, name, present === undefined ? value : [present, value])
}

/** By its byte order mark, else by what its declaration says, else UTF-8. */
function textOf(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1] ?? 'utf-8'
  const encoding = start.startsWith('\xff\xfe') ? 'utf-16le' : start.startsWith('\xfe\xff') ? 'utf-16be' : declared
  return new TextDecoder(encoding, { fatal: true }).decode(bytes)
}
