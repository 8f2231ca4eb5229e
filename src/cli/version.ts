import { existsSync, readFileSync } from 'node:fs'

/** The version in package.json, which lies two folders up from the sources and three from the built code. */
export function version(): string {
  const near = new URL('../../package.json', import.meta.url)
  const url = existsSync(near) ? near : new URL('../../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(url, 'utf8')) as { version: string }).version
}
