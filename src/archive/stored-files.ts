import { reasonOf } from '../contract/errors.ts'
import type { StreamSetup } from '../contract/stream.ts'
import { type Account, openService } from '../google/service.ts'
import { listObjects, readObject, type StoragePlace } from '../google/storage.ts'
import type { ArchiveFile } from './files.ts'
import { formOf, unknownForm } from './names.ts'

/** The files at places in Google Cloud Storage, of names that we know, or of that name alone. */
export async function storedFiles(
  places: readonly StoragePlace[],
  account: Account,
  setup: StreamSetup,
  signal: AbortSignal
): Promise<readonly ArchiveFile[]> {
  const service = await openService('storage', account, setup.baseDir, setup.id)
  const heard = hearing(setup)
  const files = new Map<string, ArchiveFile>()
  for (const place of places) {
    for (const object of await listObjects(service, place, signal)) {
      const form = formOf(object.name) ?? (object.name === place.pattern ? unknownForm(object.name) : undefined)
      if (form === undefined) continue
      const name = `gs://${object.bucket}/${object.name}`
      const open = (signal: AbortSignal) => readObject(service, object, signal, heard)
      files.set(name, { name, place: `${object.bucket}/${object.name}`, form, changedAt: object.changedAt, open })
    }
  }
  return [...files.values()]
}

/** Says once that it waits, and once that it goes on. */
function hearing({ note }: StreamSetup): { failed: (error: unknown) => void; answered: () => void } {
  let waiting = false
  return {
    failed(error) {
      if (!waiting) note({ kind: 'waiting', reason: reasonOf(error) })
      waiting = true
    },
    answered() {
      if (waiting) note({ kind: 'reading' })
      waiting = false
    }
  }
}
