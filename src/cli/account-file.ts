import { accessSync, constants, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import { UsageError } from './usage-error.ts'

/** Before a run begins: throws `UsageError` where the account could not be written later. */
export function checkAccountFile(file: string): void {
  const folder = dirname(file)
  try {
    accessSync(folder, constants.W_OK)
  } catch (error) {
    throw new UsageError(`--account ${file}: ${folder} cannot be written: ${reasonOf(error)}`)
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`--account ${file} is a folder`)
}

/**
 * Whoever reads the file meanwhile sees the old account or the new one, whole; `hide` takes secrets out of it. False: it
 * could not be written.
 */
export function writeAccount(file: string, account: unknown, log: Logger, hide: (text: string) => string): boolean {
  try {
    writeFileSync(`${file}.part`, `${hide(JSON.stringify(account, undefined, 2))}\n`)
    renameSync(`${file}.part`, file)
    return true
  } catch (error) {
    log.error(`the account cannot be written to ${file}: ${reasonOf(error)}`)
    return false
  }
}
