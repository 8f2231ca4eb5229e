import { createHash, randomBytes } from 'node:crypto'
import { textIn } from './answers.ts'
import { type Answer, call, exchange, type RestService } from './rest.ts'
import { Status, statusOf } from './status.ts'

/** Milliseconds: a large file may take long on a slow line; a question does not. */
const UPLOAD = 120_000
const CALL = 30_000

/** An object as Cloud Storage has it now. */
export interface ObjectVersion {
  readonly generation: string
  /** Of its content, base64; undefined for objects that were put together of others. */
  readonly md5: string | undefined
}

export interface Upload {
  readonly bucket: string
  readonly name: string
  readonly bytes: Uint8Array
  /** A media type. */
  readonly type: string
}

/**
 * Stores an object; Cloud Storage compares its MD5 with ours. `onlyIfAbsent`: undefined where there is one of that name
 * already. Rejects with `RestError`.
 */
export async function uploadObject(
  service: RestService,
  upload: Upload,
  onlyIfAbsent: boolean,
  signal: AbortSignal
): Promise<ObjectVersion | undefined> {
  const query = new URLSearchParams({ uploadType: 'multipart', ...(onlyIfAbsent && { ifGenerationMatch: '0' }) })
  const { pathname } = new URL(service.base)
  const url = new URL(`/upload${pathname}b/${encodeURIComponent(upload.bucket)}/o?${query}`, service.base)
  try {
    return versionOf(await exchange(service, 'POST', url.href, timed(UPLOAD, signal), bodyOf(upload)))
  } catch (error) {
    if (onlyIfAbsent && statusOf(error) === Status.FAILED_PRECONDITION) return undefined
    throw error
  }
}

/** Rejects with `RestError`; `NOT_FOUND` where there is none of that name. */
export async function lookAtObject(
  service: RestService,
  bucket: string,
  name: string,
  signal: AbortSignal
): Promise<ObjectVersion> {
  return versionOf(await call(service, 'GET', pathOf(bucket, name), timed(CALL, signal)))
}

export async function deleteObject(
  service: RestService,
  bucket: string,
  name: string,
  signal: AbortSignal
): Promise<void> {
  await call(service, 'DELETE', pathOf(bucket, name), timed(CALL, signal))
}

/** As Cloud Storage writes it. */
export function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('base64')
}

function pathOf(bucket: string, name: string): string {
  return `b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(name)}`
}

function versionOf(answer: Answer): ObjectVersion {
  return { generation: String(answer.generation ?? ''), md5: textIn(answer, 'md5Hash') }
}

/** What is said about it, and behind that the bytes. */
function bodyOf({ name, bytes, type }: Upload) {
  const boundary = `alertstreams-${randomBytes(16).toString('hex')}`
  const about = JSON.stringify({ name, contentType: type, md5Hash: md5Of(bytes) })
  const body = Buffer.concat([
    Buffer.from(`--${boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n${about}\r\n`),
    Buffer.from(`--${boundary}\r\nContent-Type: ${type}\r\n\r\n`),
    bytes,
    Buffer.from(`\r\n--${boundary}--`)
  ])
  return { type: `multipart/related; boundary=${boundary}`, body }
}

function timed(milliseconds: number, signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(milliseconds)])
}
