import { declare } from '../../contract/options.ts'

/** The service of a broker may stand anywhere below it. */
const HOPSKOTCH = 'scimma.org'

/** Where one endpoint is: scheme, host and port. Undefined for what is no http address, or holds a user name. */
export function originOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { protocol, username, password, origin } = new URL(url)
  return /^https?:$/.test(protocol) && username === '' && password === '' ? origin : undefined
}

/** The address of a service, without a slash at its end. */
export const httpAddress = declare<string>('url', { type: 'string' }, (value) => {
  if (typeof value === 'string' && originOf(value) !== undefined) return { value: value.replace(/\/+$/, '') }
  return { problem: 'expected https://host[:port], without a user name' }
})

/**
 * Whether a message may send us to this address. Whoever may write to a topic chooses it, so that it could be one behind
 * our firewall. `hosts` (`host` or `host:port`) are the ones that an operator has named.
 */
export function isAllowed(url: string, hosts: readonly string[], endpoint: string | undefined): boolean {
  const origin = originOf(url)
  if (origin === undefined) return false
  if (endpoint !== undefined && origin === originOf(endpoint)) return true
  const { protocol, host, hostname, port } = new URL(url)
  if (hosts.some((one) => hostOf(one) === host)) return true
  return protocol === 'https:' && port === '' && (hostname === HOPSKOTCH || hostname.endsWith(`.${HOPSKOTCH}`))
}

function hostOf(named: string): string {
  return named
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
}
