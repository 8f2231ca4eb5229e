import { resolve } from 'node:path'
import type { ArchiveFile } from './files.ts'
import { formOf, unknownForm } from './names.ts'
import { reasonOf } from '../contract/errors.ts'
import type { StreamSetup } from '../contract/stream.ts'
import type { RestService } from '../google/rest.ts'
import { listObjects, readObject, STORAGE_SCOPES, type StoragePlace, type StoredObject } from '../google/storage.ts'

interface Account {
  readonly KEY_FILE: string | undefined
  readonly TOKEN_FILE: string | undefined
}

/** The files at places in Google Cloud Storage, of names that we know, or of that name alone. */
export async function storedFiles(
  places: readonly StoragePlace[],
  account: Account,
  setup: StreamSetup,
  signal: AbortSignal
): Promise<readonly ArchiveFile[]> {
  const service = await serviceOf(account, setup)
  const heard = hearing(setup)
  const files = new Map<string, ArchiveFile>()
  for (const place of places) {
    for (const object of await listObjects(service, place, signal)) {
      const form = formOf(object.name) ?? (object.name === place.pattern ? unknownForm(object.name) : undefined)
      if (form === undefined) continue
      const name = `gs://${object.bucket}/${object.name}`
      files.set(
        name,
        fileOf(name, object, form, (signal) => readObject(service, object, signal, heard))
      )
    }
  }
  return [...files.values()]
}

function fileOf(name: string, object: StoredObject, form: ArchiveFile['form'], open: ArchiveFile['open']): ArchiveFile {
  return { name, place: `${object.bucket}/${object.name}`, form, changedAt: object.changedAt, open }
}

async function serviceOf({ KEY_FILE, TOKEN_FILE }: Account, { id, baseDir }: StreamSetup): Promise<RestService> {
  const emulator = process.env.STORAGE_EMULATOR_HOST
  if (emulator) {
    const origin = /^https?:\/\//.test(emulator) ? emulator : `http://${emulator}`
    return { base: `${origin.replace(/\/+$/, '')}/storage/v1/`, tokens: undefined }
  }
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(baseDir, path))
  const credentials = { keyFile: absolute(KEY_FILE), tokenFile: absolute(TOKEN_FILE), scopes: STORAGE_SCOPES }
  // Loaded here, since it takes long.
  const { openTokens } = await import('../google/tokens.ts')
  return { base: 'https://storage.googleapis.com/storage/v1/', tokens: await openTokens(credentials, id) }
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
