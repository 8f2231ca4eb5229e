import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import type { Resource } from '../contract/resource.ts'
import { recordsIn, textIn } from './answers.ts'
import { deleteObject } from './objects.ts'
import { call, type RestService } from './rest.ts'
import { type Account, openService } from './service.ts'
import { projectOf } from './source.ts'
import { Status, statusOf, unlessMissing } from './status.ts'

/** Objects that are deleted at the same time. */
const AT_ONCE = 16

interface Asker {
  /** Of a bucket that is made; undefined: GOOGLE_CLOUD_PROJECT. */
  readonly project: string | undefined
  readonly account: Account
  readonly baseDir: string
}

/** A bucket of Cloud Storage. One that `create` makes lies in Google's default place, the US. */
export function bucketResource(bucket: string, { project: given, account, baseDir }: Asker): Resource {
  const place = `gs://${bucket}`
  const path = `b/${encodeURIComponent(bucket)}`
  const ask = async <T>(question: (service: RestService) => Promise<T>): Promise<T> => {
    try {
      return await question(await openService('storage to write', account, baseDir, place))
    } catch (error) {
      throw bucketProblem(error, place)
    }
  }
  const exists = (service: RestService, signal: AbortSignal) => unlessMissing(call(service, 'GET', path, signal))
  return {
    kind: 'bucket',
    name: place,
    exists: (signal) => ask(async (service) => (await exists(service, signal)) !== undefined),
    create: (signal) =>
      ask(async (service) => {
        const project = projectOf(given, place)
        const body = { name: bucket, iamConfiguration: { uniformBucketLevelAccess: { enabled: true } } }
        try {
          await call(service, 'POST', `b?${new URLSearchParams({ project })}`, signal, body)
        } catch (error) {
          // All the world shares the names: somebody else's is no bucket of ours.
          if (statusOf(error) !== Status.ALREADY_EXISTS || !(await exists(service, signal))) throw error
        }
      }),
    remove: (signal) =>
      ask(async (service) => {
        if ((await exists(service, signal)) === undefined) return
        await empty(service, bucket, signal)
        await unlessMissing(call(service, 'DELETE', path, signal))
      })
  }
}

async function empty(service: RestService, bucket: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const page = await call(service, 'GET', `b/${encodeURIComponent(bucket)}/o?fields=items(name)`, signal)
    const names = recordsIn(page, 'items').flatMap((item) => textIn(item, 'name') ?? [])
    if (names.length === 0) return
    const waiting = names.values()
    const deleteNext = async () => {
      for (const name of waiting) await unlessMissing(deleteObject(service, bucket, name, signal))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, deleteNext))
  }
}

function bucketProblem(error: unknown, place: string): AlertStreamsError {
  if (error instanceof AlertStreamsError) return error
  const late = error instanceof DOMException && error.name === 'TimeoutError'
  return new AlertStreamsError('CONNECT_FAILED', `${place}: ${late ? 'not done in time' : reasonOf(error)}`, {
    cause: error,
    remedy: late ? 'Do it again: it goes on from there.' : remedyFor(statusOf(error))
  })
}

function remedyFor(status: number | undefined): string {
  switch (status) {
    case Status.UNAUTHENTICATED:
      return 'Set KEY_FILE to a valid key of a service account.'
    case Status.PERMISSION_DENIED:
      return `Give the account the role Storage Admin in the project. If the bucket is somebody else's, choose another name in PATH: all the world shares them.`
    case Status.ALREADY_EXISTS:
      return 'Choose another name in PATH: all the world shares them.'
    case Status.INVALID_ARGUMENT:
      return `Check PATH and PROJECT: a bucket's name has 3 to 63 small letters, digits, - and _.`
    default:
      return 'Check that storage.googleapis.com can be reached from this machine.'
  }
}
