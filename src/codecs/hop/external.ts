import type { Message } from '../../contract/alert.ts'
import type { CodecSetup } from '../../contract/codec.ts'
import { AlertStreamsError, reasonOf } from '../../contract/errors.ts'
import { bytes, duration, flag, list, type OptionsOf } from '../../contract/options.ts'
import { readStored, type StoredMessage } from '../offload/document.ts'
import { httpAddress, isAllowed, originOf } from '../offload/hosts.ts'
import { AuthenticationFailed, type HttpAnswer, request, TooLarge } from '../offload/http.ts'
import { scramOf } from '../offload/scram.ts'
import { Turns } from '../offload/turns.ts'
import { hopFormat } from './labels.ts'
import { decodePlaceholder } from './models.ts'

/** Of the codec `hop`, and of streams that read by it. */
export const externalFields = {
  FETCH_EXTERNAL: flag('whether a message too large for its topic is fetched from where it lies', { fallback: true }),
  MAX_EXTERNAL_BYTES: bytes('the most bytes of such a message', { fallback: 32 * 1024 * 1024 }),
  EXTERNAL_TIMEOUT: duration('how long one attempt to fetch it may take', { fallback: 30 }),
  EXTERNAL_HOSTS: list(
    'hosts (`host` or `host:port`) that messages may be fetched from, by http too, beside those of scimma.org by https',
    { fallback: [] }
  ),
  EXTERNAL_ENDPOINT: httpAddress(
    'the service of the broker, as `https://host`, which is told who we are; left out: what the broker says in sys.metadata'
  )
}

/** At once: each may hold MAX_EXTERNAL_BYTES before they are counted. */
const AT_ONCE = 2
const MOST_REDIRECTS = 3

/** Fetches the messages that placeholders (label `external`) stand for. */
export class External {
  readonly #options: OptionsOf<typeof externalFields>
  readonly #setup: CodecSetup
  readonly #turns = new Turns(AT_ONCE)

  constructor(options: OptionsOf<typeof externalFields>, setup: CodecSetup) {
    this.#options = options
    this.#setup = setup
  }

  /**
   * Undefined for what is no placeholder. Else the stored message in the placeholder's place (topic, partition, offset,
   * id). Rejects with `FETCH_FAILED` while the service cannot answer, and with `DECODE_FAILED` for what it will never have.
   */
  prepare(message: Message, signal: AbortSignal): Promise<Message> | undefined {
    if (!this.#options.FETCH_EXTERNAL || message.bytes === null || !isPlaceholder(message)) return undefined
    return this.#fetch(message, message.bytes, signal)
  }

  async #fetch(message: Message, placeholder: Uint8Array, signal: AbortSignal): Promise<Message> {
    const { url } = decodePlaceholder(placeholder)
    const endpoint = this.#options.EXTERNAL_ENDPOINT ?? (await this.#discovered(url, signal))
    const stored = await this.#turns.take(signal, () => this.#get(url, endpoint, signal))
    const whole = { ...message, ...messageOf(stored, message) }
    if (isPlaceholder(whole)) throw refused(url, 'what lies there is itself a placeholder')
    return whole
  }

  /** One without TLS is trusted only where an operator has named it. */
  async #discovered(url: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      const endpoint = await this.#setup.offloadEndpoint?.(signal)
      return endpoint?.startsWith('https:') ? endpoint : undefined
    } catch (error) {
      throw unavailable(url, `the broker can't be asked for its service: ${reasonOf(error)}`, 'Set EXTERNAL_ENDPOINT.')
    }
  }

  async #get(first: string, endpoint: string | undefined, signal: AbortSignal): Promise<StoredMessage> {
    let url = first
    for (let redirects = 0; ; redirects++) {
      if (!isAllowed(url, this.#options.EXTERNAL_HOSTS, endpoint)) {
        const where = originOf(url) ?? 'a place that is no http address'
        throw refused(first, `nothing is fetched from ${where}`, 'If you trust that host, name it in EXTERNAL_HOSTS.')
      }
      const isOurs = endpoint !== undefined && originOf(endpoint) === originOf(url)
      const credentials = isOurs ? scramOf(this.#setup.credentials) : undefined
      const answer = await this.#ask(url, credentials, signal)
      if (answer.status >= 200 && answer.status < 300) return storedIn(answer, url)
      if (answer.status < 300 || answer.status >= 400) throw statusError(url, answer.status, credentials !== undefined)
      if (answer.location === undefined || !URL.canParse(answer.location, url) || redirects === MOST_REDIRECTS)
        throw refused(first, 'it is redirected to nowhere')
      url = new URL(answer.location, url).href
    }
  }

  async #ask(url: string, credentials: ReturnType<typeof scramOf>, signal: AbortSignal): Promise<HttpAnswer> {
    const { MAX_EXTERNAL_BYTES: mostBytes, EXTERNAL_TIMEOUT: seconds } = this.#options
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)])
    try {
      return await request({ method: 'GET', url, credentials, mostBytes, signal: inTime })
    } catch (error) {
      if (error instanceof TooLarge)
        throw refused(url, `${reasonOf(error)}, and MAX_EXTERNAL_BYTES is ${mostBytes}`, 'Raise MAX_EXTERNAL_BYTES.')
      if (error instanceof AuthenticationFailed)
        throw unavailable(url, reasonOf(error), 'Check USERNAME, PASSWORD, MECHANISM and EXTERNAL_ENDPOINT.')
      throw unavailable(url, reasonOf(error), 'Check that its host can be reached from here.')
    }
  }
}

/** False too where the label cannot be read: `decode` says so. */
function isPlaceholder(message: Message): boolean {
  try {
    return hopFormat(message) === 'EXTERNAL'
  } catch {
    return false
  }
}

function messageOf(stored: StoredMessage, placeholder: Message): Partial<Message> {
  const { bytes, headers, key, timestamp } = stored
  let size = bytes.length + (key?.length ?? 0)
  for (const [name, value] of headers) size += name.length + (value?.length ?? 0)
  const publishedAt = timestamp === undefined ? placeholder.publishedAt : new Date(timestamp)
  return { bytes, headers, key, publishedAt, size }
}

function storedIn({ bytes }: HttpAnswer, url: string): StoredMessage {
  try {
    return readStored(bytes)
  } catch (error) {
    throw refused(url, `it is not a stored message in BSON: ${reasonOf(error)}`)
  }
}

/** What passes by itself, or when an operator has done something, is waited for. */
function statusError(url: string, status: number, known: boolean): AlertStreamsError {
  const reason = `the answer is HTTP ${status}`
  if (status === 401 && known) return unavailable(url, reason, 'Check USERNAME, PASSWORD and MECHANISM.')
  if (status >= 500 || status === 408 || status === 425 || status === 429)
    return unavailable(url, reason, 'It is tried again.')
  if (status === 401) return refused(url, reason, 'If it is the service of your broker, set EXTERNAL_ENDPOINT to it.')
  return refused(url, reason, 'The service has it no more, or not for you; see `alertstreams dlq retry`.')
}

function unavailable(url: string, reason: string, remedy: string): AlertStreamsError {
  return new AlertStreamsError('FETCH_FAILED', `The large message ${shown(url)} can't be fetched: ${reason}`, {
    remedy
  })
}

function refused(url: string, reason: string, remedy = 'Ask its sender.'): AlertStreamsError {
  return new AlertStreamsError('DECODE_FAILED', `The large message ${shown(url)} can't be had: ${reason}`, { remedy })
}

/** Without what may be a secret, and not at any length. */
function shown(url: string): string {
  const origin = originOf(url)
  return (origin === undefined ? 'at no http address' : `at ${origin}${new URL(url).pathname}`).slice(0, 200)
}
