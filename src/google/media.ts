import { reasonOf } from '../contract/errors.ts'
import { recordOf, textIn } from './answers.ts'
import { RestError, type RestService } from './rest.ts'
import { Status } from './status.ts'
import { before } from './waiting.ts'

/** Milliseconds without a byte after which a connection is taken for dead. */
const SILENCE = 60_000

const CODES: Readonly<Record<number, number>> = {
  401: Status.UNAUTHENTICATED,
  403: Status.PERMISSION_DENIED,
  404: Status.NOT_FOUND,
  412: Status.FAILED_PRECONDITION
}

export interface Media {
  /** The byte that it begins with: not every server begins where it was asked to. */
  readonly start: number
  readonly blocks: AsyncIterable<Buffer>
}

/**
 * The content of what lies at a path, from a byte on. Rejects, and throws while it is read, with `RestError`: `UNAVAILABLE`
 * where it may be tried again.
 */
export async function readMedia(
  { base, tokens }: RestService,
  path: string,
  from: number,
  signal: AbortSignal
): Promise<Media> {
  const given = new AbortController()
  const both = AbortSignal.any([signal, given.signal])
  const send = async (token: string | undefined) => {
    const headers = { ...(token && { Authorization: `Bearer ${token}` }), ...(from > 0 && { Range: `bytes=${from}-` }) }
    return inTime(fetch(`${base}${path}`, { headers, signal: both }))
  }
  const inTime = <T>(work: Promise<T>) =>
    before(AbortSignal.any([signal, AbortSignal.timeout(SILENCE)]), work).catch((error: unknown) => {
      given.abort()
      throw signal.aborted ? signal.reason : unavailable(error)
    })
  let response = await send(await tokens?.get())
  if (response.status === 401 && tokens !== undefined) {
    await response.body?.cancel()
    response = await send(await tokens.renew())
  }
  if (!response.ok) throw await refusal(response)
  const start = response.status === 206 ? from : 0
  return { start, blocks: blocksOf(response, inTime, () => given.abort()) }
}

async function* blocksOf(
  response: Response,
  inTime: <T>(work: Promise<T>) => Promise<T>,
  letGo: () => void
): AsyncGenerator<Buffer> {
  const reader = response.body?.getReader()
  try {
    while (reader !== undefined) {
      const { value, done } = await inTime(reader.read())
      if (done) return
      yield Buffer.from(value.buffer, value.byteOffset, value.length)
    }
  } finally {
    letGo()
  }
}

async function refusal(response: Response): Promise<RestError> {
  const text = await response.text().catch(() => '')
  const message = textIn(recordOf(recordOf(parsed(text))?.error), 'message') ?? text.slice(0, 200)
  const passing = response.status === 408 || response.status === 429 || response.status >= 500
  const code = CODES[response.status] ?? (passing ? Status.UNAVAILABLE : Status.INVALID_ARGUMENT)
  return new RestError(message || `HTTP ${response.status}`, code)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function unavailable(error: unknown): RestError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return new RestError(reasonOf(cause) || 'the connection was cut', Status.UNAVAILABLE)
}
