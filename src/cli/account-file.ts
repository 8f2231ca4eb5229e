import { renameSync, writeFileSync } from 'node:fs'

/** Whoever reads the file meanwhile sees the old account or the new one, whole. */
export function writeAccount(file: string, account: unknown): void {
  writeFileSync(`${file}.part`, `${JSON.stringify(account, undefined, 2)}\n`)
  renameSync(`${file}.part`, file)
}
