const patterns = new Map<string, RegExp>()

/** Throws on what is no regular expression. Flags may lead, as in `(?i)tns`. */
export function pattern(source: string): RegExp {
  let found = patterns.get(source)
  if (!found) {
    const [lead = '', flags] = /^\(\?([ims]+)\)/.exec(source) ?? []
    found = new RegExp(source.slice(lead.length), flags)
    if (patterns.size >= 1000) patterns.clear()
    patterns.set(source, found)
  }
  return found
}
