import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import type { Resource } from '../contract/resource.ts'
import { recordsIn, textIn } from './answers.ts'
import { deleteObject } from './objects.ts'
import type { Asker } from './resources.ts'
import { call, type RestService } from './rest.ts'
import { openService } from './service.ts'
import { Status, statusOf, unlessMissing } from './status.ts'

/** Objects that are deleted at the same time. */
const AT_ONCE = 16

/** A bucket of Cloud Storage. One that `create` makes lies in Google's default place, the US. */
export function bucketResource(bucket: string, { project, account, baseDir }: Asker): Resource {
  const place = `gs://${bucket}`
  const path = `b/${encodeURIComponent(bucket)}`
  const ask = async <T>(question: (service: RestService) => Promise<T>): Promise<T> => {
    try {
      return await question(await openService('storage to write', account, baseDir, place))
    } catch (error) {
      throw bucketProblem(error, place, project)
    }
  }
  const exists = (service: RestService, signal: AbortSignal) => unlessMissing(call(service, 'GET', path, signal))
  return {
    kind: 'bucket',
    name: place,
    exists: (signal) => ask(async (service) => (await exists(service, signal)) !== undefined),
    create: (signal) =>
      ask(async (service) => {
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

function bucketProblem(error: unknown, place: string, project: string): AlertStreamsError {
  if (error instanceof AlertStreamsError) return error
  return new AlertStreamsError('CONNECT_FAILED', `${place}: ${reasonOf(error)}`, {
    cause: error,
    remedy: remedyFor(statusOf(error), project)
  })
}

function remedyFor(status: number | undefined, project: string): string {
  switch (status) {
    case Status.UNAUTHENTICATED:
      return 'Set KEY_FILE to a valid key of a service account.'
    case Status.PERMISSION_DENIED:
      return `Give the account the role Storage Admin in project ${project}. If the bucket is somebody else's, choose another name in PATH: all the world shares them.`
    case Status.ALREADY_EXISTS:
      return 'Choose another name in PATH: all the world shares them.'
    case Status.INVALID_ARGUMENT:
      return `Check PATH and PROJECT (${project}): a bucket's name has 3 to 63 small letters, digits, - and _.`
    default:
      return 'Check that storage.googleapis.com can be reached from this machine.'
  }
}
