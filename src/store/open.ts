import { dirname, relative, resolve, sep } from 'node:path'
import { withTestid } from '../contract/testid.ts'
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

/** The PATH of a test run: in a bucket whose name ends in -TESTID, or in a folder of that name. */
export function pathForTestid(path: string, testid: string | undefined): string {
  if (testid === undefined) return path
  const place = storagePlace(path)
  if (place !== undefined) return `gs://${withTestid(place.bucket, testid)}/${place.pattern}`
  const fixed = path.split('{')[0]!
  const name = fixed.lastIndexOf('/') + 1
  return `${path.slice(0, name)}${testid}/${path.slice(name)}`
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
