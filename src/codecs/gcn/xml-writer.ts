/** The names of all attributes of VOEvent 2.0; none of its elements has one of them. */
const attributes = new Set(
  (
    'cite coord_system_id dataType expires id importance ivorn meaning mimetype name ' +
    'probability relation role type ucd unit uri utype value version'
  ).split(' ')
)

/**
 * XML of a record as `parseXml` gives it. What is an attribute is told by its name; `#text` is the text, a list repeats
 * its element, null and an empty record are an empty one, dates are ISO text. Names are not checked. Throws on values
 * that are no text, number or flag.
 */
export function writeXml(root: string, record: Readonly<Record<string, unknown>>): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n${element(root, record)}`
}

function element(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join('')
  if (typeof value !== 'object' || value === null) return tagged(name, '', value === null ? '' : content(name, value))
  const entries = Object.entries(value)
    .filter((entry) => entry[1] !== undefined)
    .map(([key, item]) => [key, item instanceof Date ? item.toISOString() : item] as const)
  const inTag = entries.filter(isAttribute).map(([key, text]) => ` ${key}="${quoted(key, text)}"`)
  const inside = entries
    .filter((entry) => !isAttribute(entry))
    .map(([key, item]) => (key === '#text' ? content(key, item) : element(key, item)))
  return tagged(name, inTag.join(''), inside.join(''))
}

function isAttribute([name, value]: readonly [string, unknown]): boolean {
  return (attributes.has(name) || /^xmlns(:|$)|^xsi:/.test(name)) && typeof value !== 'object'
}

function tagged(name: string, attributes: string, inside: string): string {
  return inside === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${inside}</${name}>`
}

const content = (name: string, value: unknown) => plain(name, value).replace(/[&<>\r]/g, reference)
const quoted = (name: string, value: unknown) => plain(name, value).replace(/[&<"\t\n\r]/g, reference)

const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const reference = (character: string) => named[character] ?? `&#${character.charCodeAt(0)};`

function plain(name: string, value: unknown): string {
  if (['string', 'number', 'bigint', 'boolean'].includes(typeof value)) return String(value)
  throw new Error(`${name} is neither text nor a number`)
}
