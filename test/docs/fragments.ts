import { parse, stringify } from 'yaml'

type Tree = Readonly<Record<string, unknown>>

const topKeys = ['ALERT_STREAMS', 'SINKS', 'DATA_SHARING', 'DEFAULTS', 'RUNNER']

/**
 * A YAML block of a document as configuration files. A map without any top-level key is taken for entries of
 * TOPIC_HANDLERS; what a block leaves out (a stream, sinks that it names) stands in a second file.
 */
export function completed(text: string): Readonly<Record<string, string>> {
  const tree = parse(text) as Tree
  if (!Object.keys(tree).some((key) => topKeys.includes(key))) {
    const routes = text.replaceAll(/^(?=.)/gm, '        ')
    return completed(
      `ALERT_STREAMS:\n  - NAME: ArchiveAlertStream\n    OPTIONS:\n      PATH: .\n      TOPIC_HANDLERS:\n${routes}`
    )
  }
  const known = Object.keys({ ...(tree.SINKS as Tree), ...(tree.DATA_SHARING as Tree) })
  const named = sinksNamedIn({ ...tree, SINKS: undefined, DATA_SHARING: undefined })
  // `hermes:hermes.test` is an entry of DATA_SHARING and its topic.
  const missing = named.filter((name) => !known.includes(name.split(':', 1)[0]!))
  const sinks = missing.map((name) => [name, { NAME: 'FileSink', OPTIONS: { PATH: `${name}.ndjson` } }])
  const stream = { NAME: 'ArchiveAlertStream', OPTIONS: { PATH: '.', TOPIC_HANDLERS: { '*': 'log' } } }
  const rest = {
    SINKS: Object.fromEntries(sinks),
    ...(tree.ALERT_STREAMS === undefined && { ALERT_STREAMS: [stream] })
  }
  return { 'block.yaml': text, 'rest.yaml': stringify(rest) }
}

function sinksNamedIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const named = Object.entries(value).flatMap(([key, inner]) =>
    key === 'SINKS' || key === 'DEAD_LETTER'
      ? [inner].flat().filter((name) => typeof name === 'string')
      : sinksNamedIn(inner)
  )
  return [...new Set(named)]
}

/** A value for each variable that a text wants. */
export function variablesIn(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => [name, 'value']))
}
