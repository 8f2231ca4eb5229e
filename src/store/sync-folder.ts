import { open } from 'node:fs/promises'

/** Makes the names in a folder survive a crash: a synced file whose name is lost is lost. */
export async function syncFolder(path: string): Promise<void> {
  // Windows has nothing like it, and needs nothing.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
