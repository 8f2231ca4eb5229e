import { createHash } from 'node:crypto'

/** File systems take 255 bytes a name; some of them are for what is put around this one. */
const MOST = 180

/**
 * Any text as a part of a file name: different texts give different names, none of them leaves the folder or is
 * hidden. `/` becomes `+`; what is not a letter, digit, `.`, `_`, `-` or `~` becomes `%` and its UTF-8 bytes in hex.
 */
export function fileName(text: string): string {
  const name = text
    .replace(/[^A-Za-z0-9._~/-]/gu, (char) => Buffer.from(char).toString('hex').toUpperCase().replace(/../g, '%$&'))
    .replaceAll('/', '+')
    .replace(/^\.+/, (dots) => '%2E'.repeat(dots.length))
  if (name.length <= MOST) return name === '' ? '%' : name
  return `${name.slice(0, MOST - 33)}%${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
}

const PLACEHOLDER = /\{(\w*)\}/g
const KNOWN = ['topic', 'stream', 'key']

/** The first `{name}` in a template that stands for nothing. */
export function unknownPlaceholder(template: string): string | undefined {
  for (const [whole, name] of template.matchAll(PLACEHOLDER)) if (!KNOWN.includes(name!)) return whole
  return undefined
}

/** `{topic}`, `{stream}` and `{key}` filled in, each as a safe part of a name. */
export function fillTemplate(
  template: string,
  values: { readonly topic: string; readonly stream: string; readonly key?: string }
): string {
  const { topic, stream, key = '' } = values
  return template.replace(PLACEHOLDER, (_, name: string) =>
    fileName(name === 'stream' ? stream : name === 'key' ? key : topic)
  )
}
