import { deleteObject } from './objects.ts'
import { call, type RestService } from './rest.ts'
import { Status, statusOf } from './status.ts'
import { listObjects } from './storage.ts'

/** Milliseconds for one question. */
const CALL = 30_000
/** Objects that are deleted at the same time. */
const AT_ONCE = 16

/**
 * A bucket of Cloud Storage: whether it is there, and how it comes and goes. `openService('storage to write')` gives the
 * service. All reject with `RestError`.
 */
export class Bucket {
  readonly name: string
  readonly #service: RestService

  constructor(service: RestService, name: string) {
    this.#service = service
    this.name = name
  }

  async exists(signal: AbortSignal): Promise<boolean> {
    return this.#unlessMissing(() => call(this.#service, 'GET', this.#path, timed(signal)))
  }

  /** False: it was there already, and is this account's own or may be seen by it. `location`: EU, US, us-east1, ... */
  async create(project: string, location: string | undefined, signal: AbortSignal): Promise<boolean> {
    const uniform = { iamConfiguration: { uniformBucketLevelAccess: { enabled: true } } }
    const bucket = { name: this.name, ...(location && { location }), ...uniform }
    try {
      await call(this.#service, 'POST', `b?${new URLSearchParams({ project })}`, timed(signal), bucket)
      return true
    } catch (error) {
      // Names are shared by all the world: it may be somebody else's.
      if (statusOf(error) === Status.ALREADY_EXISTS && (await this.exists(signal))) return false
      throw error
    }
  }

  /** With all that is in it. False: there was none. */
  async delete(signal: AbortSignal): Promise<boolean> {
    if (!(await this.exists(signal))) return false
    const objects = [...(await listObjects(this.#service, { bucket: this.name, pattern: '' }, signal))]
    const deleteNext = async () => {
      for (let next = objects.pop(); next !== undefined; next = objects.pop()) {
        const { name } = next
        await this.#unlessMissing(() => deleteObject(this.#service, this.name, name, signal))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, deleteNext))
    return this.#unlessMissing(() => call(this.#service, 'DELETE', this.#path, timed(signal)))
  }

  get #path(): string {
    return `b/${encodeURIComponent(this.name)}`
  }

  async #unlessMissing(action: () => Promise<unknown>): Promise<boolean> {
    try {
      await action()
      return true
    } catch (error) {
      if (statusOf(error) === Status.NOT_FOUND) return false
      throw error
    }
  }
}

function timed(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(CALL)])
}
