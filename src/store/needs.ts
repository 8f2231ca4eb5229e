import type { Resource } from '../contract/resource.ts'
import type { SinkNeedsSetup } from '../contract/sink.ts'
import { bucketResource } from '../google/bucket-resource.ts'
import { storagePlace } from '../google/storage.ts'
import { pathForTestid } from './open.ts'

interface Options {
  readonly PROJECT: string | undefined
  readonly KEY_FILE: string | undefined
  readonly TESTID: string | undefined
}

/** The buckets that paths are in. */
export function bucketsFor(
  paths: readonly string[],
  { PROJECT, KEY_FILE, TESTID }: Options,
  { baseDir }: Pick<SinkNeedsSetup, 'baseDir'>
): readonly Resource[] {
  const buckets = new Set(paths.flatMap((path) => storagePlace(pathForTestid(path, TESTID))?.bucket ?? []))
  return [...buckets].map((bucket) => {
    const account = { KEY_FILE, TOKEN_FILE: undefined }
    return bucketResource(bucket, { project: PROJECT, account, baseDir })
  })
}
