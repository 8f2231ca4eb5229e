import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where jars and binaries are kept between runs and shared by all clones. */
export const cacheFolder = process.env.ALERTSTREAMS_CACHE ?? join(homedir(), '.cache', 'alertstreams-test')

let parts = 0

/**
 * The path of a cached file or folder, made by `make(part)` the first time. Several may ask at once, of one
 * process or of many: each makes its own part and the first one finished is kept.
 */
export async function cached(name: string, make: (part: string) => void | Promise<void>): Promise<string> {
  const path = join(cacheFolder, name)
  if (existsSync(path)) return path
  mkdirSync(cacheFolder, { recursive: true })
  const part = `${path}.${process.pid}-${parts++}.part`
  rmSync(part, { recursive: true, force: true })
  try {
    await make(part)
    renameSync(part, path)
  } catch (error) {
    if (!existsSync(path)) throw error
  } finally {
    rmSync(part, { recursive: true, force: true })
  }
  return path
}

/** Tries something that fetches up to three times. */
export async function threeTimes<Result>(what: string, attempt: () => Result | Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (tries === 3) throw error
      console.error(`${what}: attempt ${tries} of 3 failed, trying again: ${error}`)
      await sleep(tries * 3000)
    }
  }
}
