import { declare } from '../contract/options.ts'

/** Where a cluster is: as hop writes it (`kafka://[user@]host[:port]/`) or `host:port[,host:port]`. */
export interface Brokers {
  readonly hosts: readonly string[]
  readonly username: string | undefined
}

const DEFAULT_PORT = 9092

export const brokers = declare<Brokers>('url', { type: 'string' }, (value) => {
  if (typeof value === 'string' && /:(?!\/\/).*@/.test(value))
    return { problem: 'a URL holds no password here: put it into PASSWORD, or into the file that PASSWORD_FILE names' }
  const match =
    typeof value === 'string' ? /^(?:([a-z]+):\/\/)?(?:([^@/]*)@)?([^/]*)(\/.*)?$/i.exec(value.trim()) : null
  const [, scheme, username, list = '', rest = ''] = match ?? []
  if (match === null || (scheme !== undefined && scheme !== 'kafka'))
    return { problem: 'expected kafka://host[:port]/ or host:port' }
  if (rest.replaceAll('/', '') !== '') return { problem: `a URL names no topics here: put ${rest} into TOPIC_HANDLERS` }
  const hosts = list.split(',').map((host) => host.trim())
  if (!hosts.every((host) => /^(\[[0-9a-f:]+\]|[\w.-]+)(:\d{1,5})?$/i.test(host)))
    return { problem: 'expected kafka://host[:port]/ or host:port' }
  return { value: { hosts: hosts.map((host) => (/:\d+$/.test(host) ? host : `${host}:${DEFAULT_PORT}`)), username } }
})

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/** Of a token server, to which a secret is sent. */
export const tokenUrl = declare<string>('url', { type: 'string' }, (value) => {
  const url = typeof value === 'string' ? URL.parse(value) : null
  if (url === null || !/^https?:$/.test(url.protocol)) return { problem: 'expected https://host/path' }
  if (url.username !== '' || url.password !== '') return { problem: 'a URL holds no user name and no password here' }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname))
    return { problem: 'expected https: over http CLIENT_SECRET could be read on the way' }
  return { value: url.href }
})
