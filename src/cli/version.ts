import { existsSync, readFileSync } from 'node:fs'

/** A file of the package, whose root lies two folders up from the sources and three from the built code. */
export function packageFile(path: string): URL {
  const near = new URL(`../../${path}`, import.meta.url)
  return existsSync(near) ? near : new URL(`../../../${path}`, import.meta.url)
}

/** The version in package.json. */
export function version(): string {
  return (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }).version
}
