import type { Field, Fields } from '../contract/options.ts'
import { commandFields } from './command.ts'
import { heartbeatFields } from './heartbeats.ts'
import { dedupeFields, retryFields, routeFields } from './route-settings.ts'
import { httpFields, runnerFields } from './runner.ts'
import { scheduleFields } from './schedule.ts'
import type { Parts } from './scope.ts'
import { HERMES_KEYS, sharingFields } from './sharing.ts'
import { siteFields } from './site.ts'

/** The options of every component as Markdown, from their declarations. */
export function optionsReference({ streams, sinks, codecs }: Parts): string {
  const component = ([name, { doc, fields, tomNames = [] }]: [string, Described]) => [
    `### ${name}`,
    sentence(doc),
    ...(tomNames.length > 0 ? [`Also known as ${tomNames.map((other) => `\`${other}\``).join(', ')}.`] : []),
    Object.keys(fields).length > 0 ? table(fields) : 'It has no options.'
  ]
  const sections = [
    '# Options',
    'Written by `scripts/write-reference.ts` from the declarations in the source.',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what people write
    'Any text may hold `${VAR}`, `${VAR:-default}` or `${VAR:?message}`; `$${` stands for `${`. ' +
      'An option marked secret may be given as `NAME_FILE`, the path of a file that holds it. ' +
      'Relative paths start at the folder of the YAML file.',
    '## Streams',
    ...Object.entries(streams).flatMap(component),
    '### HEARTBEAT',
    'Beside the `OPTIONS` of a stream: one expectation or a list of them. When a message stays away for longer there ' +
      'is an error in the log, once, and a line when it is back; the account counts how often (`heartbeatsMissed`). ' +
      'Time in which nothing was read because what was taken waits for a sink or a handler does not count.',
    table(heartbeatFields),
    '### SCHEDULE',
    'Beside the `OPTIONS` of a stream: when it runs. Outside of these hours it rests, and the process goes on. ' +
      '[nights.md](nights.md) has more.',
    table(scheduleFields),
    '#### SITE',
    table(siteFields),
    '## Sinks',
    ...Object.entries(sinks).flatMap(component),
    '## DATA_SHARING',
    'The destinations of a TOM as they stand in its settings: each entry is a sink of that name, without NAME and ' +
      'OPTIONS. One with `hermes` in its name, or with ' +
      `${HERMES_KEYS.map((key) => `\`${key}\``).join(', ')}, is a \`HermesSink\`; any other is a \`TomSink\`. ` +
      'Their options are those above, under the names that a TOM has for them too. Keys that are none are warnings. A ' +
      'route may name an entry for Hermes with a topic, as a TOM does: `SINKS: hermes:hermes.test`. What no route names ' +
      'is opened when a handler writes to it.',
    table(sharingFields),
    '## Routes',
    'In an entry of `TOPIC_HANDLERS`; all but `OPTIONS` also beside the `OPTIONS` of a stream, for all its routes, ' +
      'and in `DEFAULTS`, for all streams. The nearest counts, and an explicit null unsets an inherited setting.',
    table(routeFields),
    '### COMMAND',
    'HANDLER as a program of any language, as in `{COMMAND: [python3, -m, alertstreams, fit.py], WORKERS: 2}`: see ' +
      '[handlers in any language](handlers-in-any-language.md). Unless CONCURRENCY is less, twice as many calls are begun ' +
      'as there are WORKERS: the next for each is made ready while it works.',
    table(commandFields),
    '### DEDUPE',
    table(dedupeFields),
    'Recorded is what all sinks have taken, and on a route without SINKS what the handler took without an error; what ' +
      'was filtered or is a dead letter is not. At most 1,000,000 keys of a route are remembered, in ' +
      '`dedupe.sqlite` in STATE_DIR: each machine knows its own deliveries only.',
    '### RETRY',
    table(retryFields),
    '## Codecs',
    'CODEC is the name of one of these, or a map of `NAME` and its options, as in ' +
      '`{NAME: avro, MAX_BYTES: 64 MiB}`.',
    ...Object.entries(codecs).flatMap(component),
    '## RUNNER',
    table(runnerFields),
    '### HTTP',
    table(httpFields)
  ]
  return `${sections.join('\n\n')}\n`
}

interface Described {
  readonly doc: string
  readonly fields: Fields
  readonly tomNames?: readonly string[]
}

/** Options as a table in Markdown. */
export function table(fields: Fields): string {
  const rows = Object.entries(fields).map(([name, field]) => row(name, field))
  return ['| Option | Type | Default | |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function row(name: string, { kind, doc, fallback, choices, required, secret, aliases }: Field<unknown>): string {
  const type = choices === undefined ? kind : choices.map((word) => `\`${word}\``).join(', ')
  const usual = fallback === undefined || typeof fallback === 'object' ? '' : `\`${fallback}\``
  const also = aliases.length === 0 ? '' : ` Also ${aliases.map((one) => `\`${one}\``).join(', ')}.`
  const said = sentence(doc) + also + (secret ? ' **Secret.**' : '')
  const cells = [`\`${name}\``, type, required ? '**required**' : usual, said]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function sentence(doc: string): string {
  const text = doc.charAt(0).toUpperCase() + doc.slice(1)
  return /[.!?)]$/.test(text) ? text : `${text}.`
}
