import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { diskCode, diskError } from './disk-error.ts'
import type { Store, Stored, WholeFile } from './store.ts'
import { syncFolder } from './sync-folder.ts'

/** What a file system answers that has no hard links. */
const NO_LINKS: readonly unknown[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']

/** Processes in containers of their own may have one number and one folder. */
const writer = randomUUID()
let drafts = 0

/** Files in a folder and those below it, which are made as they are needed. */
export class FolderStore implements Store {
  readonly place: string
  readonly #syncs = new Map<string, { running: Promise<void>; next: Promise<void> | undefined }>()

  /** `place`: absolute. */
  constructor(place: string) {
    this.place = place
  }

  async connect(): Promise<void> {
    try {
      await this.#sync(await this.#make(this.place))
    } catch (error) {
      throw diskError(error, this.place)
    }
  }

  async put({ name, contents }: WholeFile, how: { onlyIfAbsent: boolean }, signal: AbortSignal): Promise<Stored> {
    signal.throwIfAborted()
    const path = join(this.place, name)
    try {
      const top = await this.#make(dirname(path))
      const there = await writeWhole(path, contents, how.onlyIfAbsent)
      // Also where it was there: whoever wrote it may not have come so far.
      for (let folder = dirname(path); folder.length >= top.length; folder = dirname(folder)) {
        await this.#sync(folder)
        if (folder === top) break
      }
      if (!there) return { outcome: 'written' }
      return { outcome: (await readFile(path)).equals(contents) ? 'same there' : 'another there' }
    } catch (error) {
      throw diskError(error, path)
    }
  }

  /** A file survives a crash when each folder on the way to it does: gives the uppermost that has to be synced. */
  async #make(folder: string): Promise<string> {
    const made = await mkdir(folder, { recursive: true })
    return made === undefined || made.length > this.place.length ? this.place : dirname(made)
  }

  /** Those who ask while a folder is being synced share the next time. */
  #sync(folder: string): Promise<void> {
    const under = this.#syncs.get(folder)
    if (under !== undefined) {
      under.next ??= under.running.catch(() => {}).then(() => this.#begin(folder))
      return under.next
    }
    return this.#begin(folder)
  }

  #begin(folder: string): Promise<void> {
    const running = syncFolder(folder)
    const turn = { running, next: undefined }
    this.#syncs.set(folder, turn)
    const done = () => {
      if (this.#syncs.get(folder) === turn && turn.next === undefined) this.#syncs.delete(folder)
    }
    running.then(done, done)
    return running
  }
}

/** True: `onlyIfAbsent`, and there is one of that name. */
async function writeWhole(path: string, contents: Uint8Array, onlyIfAbsent: boolean): Promise<boolean> {
  const draft = join(dirname(path), `.draft.${writer}.${drafts++}`)
  try {
    const file = await open(draft, 'w')
    try {
      await file.writeFile(contents)
      await file.datasync()
    } finally {
      await file.close()
    }
    if (!onlyIfAbsent) await rename(draft, path)
    return onlyIfAbsent && !(await linked(draft, path))
  } finally {
    await rm(draft, { force: true }).catch(() => {})
  }
}

/** False: there is one of that name. */
async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (diskCode(error) === 'EEXIST') return false
    if (!NO_LINKS.includes(diskCode(error))) throw error
    // The next best: two processes that write the same name at the same moment are not told apart.
    if (await stat(path).then(() => true, () => false)) return false // biome-ignore format: one line
    await rename(draft, path)
    return true
  }
}
