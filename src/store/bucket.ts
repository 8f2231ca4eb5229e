import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import { lookAtObject, md5Of, type Upload, uploadObject } from '../google/objects.ts'
import { call, type RestService } from '../google/rest.ts'
import { openService } from '../google/service.ts'
import { Status, statusOf } from '../google/status.ts'
import { before } from '../google/waiting.ts'
import type { Store, Stored, WholeFile } from './store.ts'

/** Milliseconds for the first question. */
const CONNECT = 9_000

export interface BucketAccount {
  readonly KEY_FILE: string | undefined
  readonly baseDir: string
  /** The sink, which begins the messages about credentials. */
  readonly name: string
}

const TYPES: Readonly<Record<string, string>> = {
  avro: 'application/avro',
  json: 'application/json',
  png: 'image/png',
  xml: 'application/xml'
}

/** Objects of a Cloud Storage bucket. */
export class BucketStore implements Store {
  readonly place: string
  readonly #bucket: string
  readonly #account: BucketAccount
  #service: RestService | undefined

  constructor(bucket: string, account: BucketAccount) {
    this.#bucket = bucket
    this.place = `gs://${bucket}`
    this.#account = account
  }

  async connect(signal: AbortSignal): Promise<void> {
    const { KEY_FILE, baseDir, name } = this.#account
    const once = AbortSignal.any([signal, AbortSignal.timeout(CONNECT)])
    try {
      const open = () => openService('storage to write', { KEY_FILE, TOKEN_FILE: undefined }, baseDir, name)
      this.#service ??= await before(once, open())
      // Whoever may write objects may also list them; the bucket itself he need not be allowed to see.
      await call(this.#service, 'GET', `b/${encodeURIComponent(this.#bucket)}/o?maxResults=1&fields=kind`, once)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      // An answer too: an account that may only add objects.
      if (statusOf(error) !== Status.PERMISSION_DENIED) throw bucketError(error, this.place)
    }
  }

  async put({ name, contents }: WholeFile, how: { onlyIfAbsent: boolean }, signal: AbortSignal): Promise<Stored> {
    signal.throwIfAborted()
    try {
      const service = this.#service!
      const upload: Upload = { bucket: this.#bucket, name, bytes: contents, type: typeOf(name) }
      const written = await before(signal, uploadObject(service, upload, how.onlyIfAbsent, signal))
      if (written !== undefined) return { outcome: 'written', generation: written.generation }
      const { md5, generation } = await lookAtObject(service, this.#bucket, name, signal)
      return { outcome: md5 === md5Of(contents) ? 'same there' : 'another there', generation }
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw bucketError(error, `${this.place}/${name}`)
    }
  }
}

function typeOf(name: string): string {
  return TYPES[/\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream'
}

/** Always a fault of the target, never of the file. */
export function bucketError(error: unknown, place: string): AlertStreamsError {
  const ours = error instanceof AlertStreamsError
  const late = error instanceof DOMException && error.name === 'TimeoutError'
  const reason = late ? 'no answer in time' : reasonOf(error)
  return new AlertStreamsError('SINK_UNAVAILABLE', ours ? error.message : `${place} cannot be written: ${reason}`, {
    cause: error,
    remedy: (ours ? error.remedy : remedyFor(statusOf(error), place)) ?? unreachable()
  })
}

function remedyFor(status: number | undefined, place: string): string | undefined {
  const [bucket] = /^gs:\/\/[^/]+/.exec(place) ?? [place]
  switch (status) {
    case Status.UNAUTHENTICATED:
      return 'Set KEY_FILE to a valid service account key, or renew the application default credentials.'
    case Status.PERMISSION_DENIED:
      return `Give the account the role Storage Object User on ${bucket}, or set KEY_FILE to the key of one that has it.`
    case Status.NOT_FOUND:
      return `Create the bucket (gcloud storage buckets create ${bucket}), or correct PATH.`
    case Status.INVALID_ARGUMENT:
      return 'Check the names in PATH.'
    case Status.RESOURCE_EXHAUSTED:
      return 'Spread the names more, or ask Google for a higher rate if this does not pass.'
    default:
      return undefined
  }
}

function unreachable(): string {
  const emulator = process.env.STORAGE_EMULATOR_HOST
  return emulator
    ? `Start the emulator at ${emulator}, or unset STORAGE_EMULATOR_HOST to use Google's own service.`
    : 'Check that storage.googleapis.com can be reached from this machine.'
}
