import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** A change to one place of the program. */
export interface Patch {
  readonly file: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly replace: string
}

/** Copies the program as it is now, so that whoever works on it meanwhile is no fault of ours. */
export function copyProgram(folder: string, patches: readonly Patch[] = []): string {
  mkdirSync(folder, { recursive: true })
  for (const part of ['bin', 'src', 'handlers', 'package.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const { file, find, replace } of patches) {
    const path = join(folder, file)
    const text = readFileSync(path, 'utf8')
    const times = text.split(find).length - 1
    if (times !== 1)
      throw new Error(`${file} has ${JSON.stringify(find)} ${times} times: the patch has to follow the source`)
    writeFileSync(
      path,
      text.replace(find, () => replace)
    )
  }
  return folder
}
