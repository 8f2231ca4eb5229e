import { posix } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import { recordsIn, textIn } from './answers.ts'
import { readMedia } from './media.ts'
import { persist } from './persist.ts'
import { call, type RestService } from './rest.ts'
import { Status, statusOf } from './status.ts'
import { LOGIN } from './token-file.ts'
import { backoffOf } from './waiting.ts'

/** Milliseconds for one page of names. */
const CALL = 30_000

/** Where in Cloud Storage something lies: `gs://bucket/prefix`. */
export interface StoragePlace {
  readonly bucket: string
  /** What names begin with, or a glob. */
  readonly pattern: string
}

/** An object, in one of its versions. */
export interface StoredObject {
  readonly bucket: string
  readonly name: string
  readonly generation: string
  /** Stored compressed, and given out unpacked. */
  readonly encoded: boolean
  readonly changedAt: Date
}

/** Undefined: the path means something else. */
export function storagePlace(path: string): StoragePlace | undefined {
  const [, bucket, pattern = ''] = /^gs:\/\/([^/]+)(?:\/(.*))?$/s.exec(path) ?? []
  return bucket === undefined ? undefined : { bucket, pattern }
}

/** The objects at a place, sorted by name. Rejects as `storageError` says. */
export async function listObjects(
  service: RestService,
  place: StoragePlace,
  signal: AbortSignal
): Promise<readonly StoredObject[]> {
  const { bucket, pattern } = place
  const isGlob = /[*?[{]/.test(pattern)
  const prefix = isGlob ? pattern.slice(0, pattern.search(/[*?[{]/)) : pattern
  const found: StoredObject[] = []
  let pageToken: string | undefined
  do {
    const query = new URLSearchParams({ prefix, ...(pageToken && { pageToken }) })
    const once = AbortSignal.any([signal, AbortSignal.timeout(CALL)])
    const page = await call(service, 'GET', `b/${encodeURIComponent(bucket)}/o?${query}`, once).catch((error) => {
      throw storageError(error, `gs://${bucket}/${pattern}`)
    })
    for (const item of recordsIn(page, 'items')) {
      const name = textIn(item, 'name') ?? ''
      if (name.endsWith('/') || (isGlob && !posix.matchesGlob(name, pattern))) continue
      found.push({
        bucket,
        name,
        generation: String(item.generation ?? ''),
        encoded: textIn(item, 'contentEncoding') === 'gzip',
        changedAt: new Date(textIn(item, 'updated') ?? 0)
      })
    }
    pageToken = textIn(page, 'nextPageToken')
  } while (pageToken)
  return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/**
 * The bytes of an object. What fails in passing is tried again for as long as it takes, from where it stopped; `failed`
 * hears of each failure, `answered` when it goes on. Throws where the object is gone, or may not be read.
 */
export async function* readObject(
  service: RestService,
  object: StoredObject,
  signal: AbortSignal,
  heard: { readonly failed: (error: unknown) => void; readonly answered: () => void }
): AsyncGenerator<Buffer> {
  const { bucket, name, generation, encoded } = object
  const path = `b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(name)}?${new URLSearchParams({ alt: 'media', ...(generation && { generation }) })}` // biome-ignore format: one line
  let offset = 0
  let failures = 0
  for (;;) {
    try {
      // Only what is given out as it is stored can be asked for from a place on.
      const from = encoded ? 0 : offset
      const { start, blocks } = await persist(() => readMedia(service, path, from, signal), signal, heard.failed)
      let skip = offset - start
      for await (const block of blocks) {
        const more = block.subarray(Math.min(skip, block.length))
        skip -= block.length - more.length
        if (more.length === 0) continue
        if (failures > 0 || offset === 0) heard.answered()
        failures = 0
        offset += more.length
        yield more
      }
      return
    } catch (error) {
      signal.throwIfAborted()
      if (statusOf(error) !== Status.UNAVAILABLE) throw objectError(error, `gs://${bucket}/${name}`)
      heard.failed(error)
      await pause(backoffOf(failures++), undefined, { signal })
    }
  }
}

function objectError(error: unknown, place: string): unknown {
  const code = statusOf(error)
  return code === Status.UNAUTHENTICATED || code === Status.PERMISSION_DENIED ? storageError(error, place) : error
}

function storageError(error: unknown, place: string): unknown {
  if (error instanceof AlertStreamsError) return error
  const reason = reasonOf(error)
  const as = (code: 'CREDENTIALS_REFUSED' | 'CONFIG_INVALID' | 'CONNECT_FAILED', message: string, remedy: string) =>
    new AlertStreamsError(code, `${place}: ${message}: ${reason}`, { cause: error, remedy })
  switch (statusOf(error)) {
    case Status.UNAUTHENTICATED:
      return as('CREDENTIALS_REFUSED', 'Google refused the credentials', `Set KEY_FILE to a valid key, or log in again: ${LOGIN}`) // biome-ignore format: one line
    case Status.PERMISSION_DENIED:
      return as('CREDENTIALS_REFUSED', 'the account may not read this', 'Give it the role Storage Object Viewer there.')
    case Status.NOT_FOUND:
    case Status.INVALID_ARGUMENT:
      return as('CONFIG_INVALID', 'there is no such bucket', 'Check PATH: gs://bucket/prefix.')
    default:
      return as('CONNECT_FAILED', 'cannot be read', 'Check that storage.googleapis.com can be reached from this machine.') // biome-ignore format: one line
  }
}
