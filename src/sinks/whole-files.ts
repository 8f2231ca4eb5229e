import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFolder } from './sync-folder.ts'

/** A file by its name and all that is in it. */
export interface WholeFile {
  readonly name: string
  readonly contents: Uint8Array
}

/** Files that are synced at the same time. */
const AT_ONCE = 8

/**
 * Resolves when all files are on disk. A name that is there is replaced; nobody ever sees half a file under its name.
 */
export async function writeWholeFiles(folder: string, files: readonly WholeFile[], signal: AbortSignal): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (let i = 0; i < files.length; i += AT_ONCE) {
    signal.throwIfAborted()
    await Promise.all(files.slice(i, i + AT_ONCE).map((file) => writeWhole(folder, file)))
  }
  await syncFolder(folder)
  await syncFolder(dirname(folder))
}

async function writeWhole(folder: string, { name, contents }: WholeFile): Promise<void> {
  const draft = join(folder, `.${name}.${process.pid}`)
  try {
    const file = await open(draft, 'w')
    try {
      await file.writeFile(contents)
      await file.datasync()
    } finally {
      await file.close()
    }
    await rename(draft, join(folder, name))
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {})
    throw error
  }
}

/** The extension that goes with the first bytes. */
export function extensionOf(bytes: Uint8Array): '.avro' | '.json' | '.xml' | '.bin' {
  if (bytes[0] === 0x4f && bytes[1] === 0x62 && bytes[2] === 0x6a && bytes[3] === 1) return '.avro'
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64)).toString('latin1').trimStart()
  if (/^[{[]/.test(start)) return '.json'
  return start.startsWith('<') ? '.xml' : '.bin'
}
