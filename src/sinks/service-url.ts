import { declare } from '../contract/options.ts'

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/**
 * The address of a service that we log in to: https, or http on this machine. When it was read it ends in a slash, since
 * paths are put behind it, and without `api`, the path of the interface, in case that was written too.
 */
export function serviceUrl(api: string) {
  const ending = new RegExp(`/${api}/$`)
  return declare<string>('url', { type: 'string' }, (value) => {
    const url = typeof value === 'string' ? URL.parse(value) : null
    if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
      return { problem: 'expected https://host/, without a user name' }
    if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname))
      return { problem: 'expected https: over http the credentials could be read on the way' }
    return { value: url.href.replace(/\/*$/, '/').replace(ending, '/') }
  })
}
