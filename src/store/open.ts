import { dirname, relative, resolve, sep } from 'node:path'
import { storagePlace } from '../google/storage.ts'
import { BucketStore } from './bucket.ts'
import { FolderStore } from './folder.ts'
import type { Store } from './store.ts'

/** A store, and the name within it that a PATH with placeholders says. */
export interface OpenedPath {
  readonly store: Store
  readonly template: string
}

export interface StoreSetup {
  readonly KEY_FILE: string | undefined
  readonly baseDir: string
  readonly name: string
}

/**
 * PATH is gs://bucket/name, or a path that starts at `baseDir`: then the store is the folder down to which no name has a
 * placeholder. Paths in one place share a store.
 */
export function openPaths(paths: readonly string[], setup: StoreSetup): readonly OpenedPath[] {
  const stores = new Map<string, Store>()
  const shared = (place: string, make: () => Store) => {
    const store = stores.get(place) ?? make()
    stores.set(place, store)
    return store
  }
  return paths.map((path) => {
    const stored = storagePlace(path)
    if (stored !== undefined) {
      const { bucket, pattern } = stored
      return { store: shared(`gs://${bucket}`, () => new BucketStore(bucket, setup)), template: pattern }
    }
    const whole = resolve(setup.baseDir, path)
    const folder = dirname(`${whole.split('{')[0]}-`)
    const template = relative(folder, whole).split(sep).join('/')
    return { store: shared(folder, () => new FolderStore(folder)), template }
  })
}

/** What is wrong with a PATH that begins with gs://; undefined: nothing, or it begins otherwise. */
export function storagePathProblem(path: string): string | undefined {
  if (!/^gs:/i.test(path)) return undefined
  const place = storagePlace(path)
  if (place === undefined || !/^[a-z0-9][\w.-]{1,220}[a-z0-9]$/.test(place.bucket)) {
    return 'expected gs://bucket/name, with the name of a bucket that has no placeholder'
  }
  const parts = place.pattern.replace(/\/$/, '').split('/')
  const empty = place.pattern !== '' && parts.some((part) => part === '' || part === '.' || part === '..')
  return empty ? 'has an empty part, a . or .. between slashes' : undefined
}
