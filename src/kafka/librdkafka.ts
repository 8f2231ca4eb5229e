/** What librdkafka calls an option of ours, and how its value is written here. */
const NAMES: Readonly<Record<string, readonly [option: string, value?: (given: unknown) => unknown]>> = {
  'bootstrap.servers': ['URL'],
  'metadata.broker.list': ['URL'],
  'group.id': ['GROUP_ID'],
  'auto.offset.reset': ['START_POSITION', startPosition],
  'session.timeout.ms': ['SESSION_TIMEOUT', (milliseconds) => `${milliseconds}ms`],
  'security.protocol': ['TLS', (protocol) => /ssl$/i.test(String(protocol))],
  'ssl.ca.location': ['SSL_CA_LOCATION'],
  'ssl.endpoint.identification.algorithm': ['VERIFY_HOSTNAME', (algorithm) => algorithm !== 'none'],
  'sasl.oauthbearer.token.endpoint.url': ['TOKEN_URL'],
  'sasl.oauthbearer.scope': ['SCOPE']
}

export interface Translated {
  /** By the names of our options, as they would stand in YAML. */
  readonly options: Readonly<Record<string, unknown>>
  /** Settings without an equivalent. */
  readonly others: readonly string[]
}

/** Settings of librdkafka as options; those that are empty or null count as not given, as they do there. */
export function fromLibrdkafka(settings: Readonly<Record<string, unknown>>): Translated {
  const given = Object.entries(settings).filter(([, value]) => value !== null && value !== '')
  const options = given.flatMap(([name, value]) => {
    const [option, written = (same: unknown) => same] = NAMES[name] ?? []
    return option === undefined ? [] : [[option, written(value)]]
  })
  return {
    options: Object.fromEntries(options),
    others: given.flatMap(([name]) => (Object.hasOwn(NAMES, name) ? [] : [name]))
  }
}

function startPosition(reset: unknown): unknown {
  if (/^(smallest|earliest|beginning)$/i.test(String(reset))) return 'EARLIEST'
  return /^(largest|latest|end)$/i.test(String(reset)) ? 'LATEST' : reset
}
