import { AlertStreamsError, reasonOf } from '../../contract/errors.ts'
import { joinSchemas } from '../avro/join.ts'
import { MOST_SCHEMA_BYTES } from '../avro/kept.ts'

const MOST_REFERENCES = 100

interface Access {
  readonly url: URL
  readonly user: string | undefined
  readonly password: string | undefined
  /** Seconds. */
  readonly timeout: number
}

interface Answer {
  readonly schema: string
  readonly references: readonly { readonly subject: string; readonly version: number }[]
}

/** A Confluent schema registry, over HTTP. */
export class SchemaRegistry {
  /** As it is shown. */
  readonly name: string
  readonly #access: Access

  constructor(access: Access) {
    this.name = `${access.url.host}${access.url.pathname.replace(/\/$/, '')}`
    this.#access = access
  }

  /**
   * The Avro schema of an id as JSON text, with all it refers to. Rejects with `FETCH_FAILED` where it may be had later,
   * with `DECODE_FAILED` where there is none.
   */
  async schema(id: number, signal: AbortSignal): Promise<string> {
    const answer = await this.#answer(`schemas/ids/${id}`, signal)
    if (answer.references.length === 0) return answer.schema
    const parts = new Map<string, unknown>()
    await this.#collect(answer, parts, signal)
    return JSON.stringify(joinSchemas([...parts.values(), this.#parse(answer.schema)]))
  }

  /** Those that are referred to, by subject and version. */
  async #collect({ references }: Answer, parts: Map<string, unknown>, signal: AbortSignal): Promise<void> {
    for (const { subject, version } of references) {
      const path = `subjects/${encodeURIComponent(subject)}/versions/${version}`
      if (parts.has(path)) continue
      if (parts.size >= MOST_REFERENCES)
        throw this.#unusable(`a schema that refers to more than ${MOST_REFERENCES} others`)
      const answer = await this.#answer(path, signal)
      parts.set(path, this.#parse(answer.schema))
      await this.#collect(answer, parts, signal)
    }
  }

  async #answer(path: string, signal: AbortSignal): Promise<Answer> {
    const { status, text } = await this.#get(path, signal)
    if (status === 404) throw this.#unusable(`nothing at ${path}`)
    if (status !== 200) throw this.#failed(`answered ${path} with HTTP status ${status}`, status)
    let answer: Partial<Answer & { readonly schemaType: unknown }> | null
    try {
      answer = JSON.parse(text)
    } catch (cause) {
      throw this.#failed(`answered ${path} with something else than JSON`, status, cause)
    }
    const { schema, references = [], schemaType = 'AVRO' } = answer ?? {}
    if (typeof schema !== 'string' || schemaType !== 'AVRO' || !isReferences(references)) {
      throw this.#unusable(`no Avro schema at ${path}`)
    }
    this.#parse(schema)
    return { schema, references }
  }

  async #get(path: string, signal: AbortSignal): Promise<{ readonly status: number; readonly text: string }> {
    const { url, user, password, timeout } = this.#access
    const headers: Record<string, string> = { accept: 'application/vnd.schemaregistry.v1+json, application/json' }
    if (user !== undefined) {
      headers.authorization = `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`
    }
    const limit = AbortSignal.timeout(timeout * 1000)
    try {
      const response = await fetch(`${url.href.replace(/\/$/, '')}/${path}`, {
        headers,
        signal: AbortSignal.any([signal, limit])
      })
      return { status: response.status, text: await boundedText(response) }
    } catch (error) {
      const reason = limit.aborted ? `no answer within ${timeout} s` : reasonOf((error as Error).cause ?? error)
      throw this.#failed(`cannot be read: ${reason}`, undefined, error)
    }
  }

  #parse(schema: string): unknown {
    try {
      return JSON.parse(schema)
    } catch (cause) {
      throw this.#unusable('a schema that is no JSON', cause)
    }
  }

  #failed(what: string, status?: number, cause?: unknown): AlertStreamsError {
    const denied = status === 401 || status === 403
    const remedy = denied ? 'Check REGISTRY_USER and REGISTRY_PASSWORD.' : 'Check REGISTRY and the way there.'
    return new AlertStreamsError('FETCH_FAILED', `The schema registry ${this.name} ${what}`, { cause, remedy })
  }

  #unusable(what: string, cause?: unknown): AlertStreamsError {
    return new AlertStreamsError('DECODE_FAILED', `The schema registry ${this.name} has ${what}`, {
      cause,
      remedy: 'Check that REGISTRY is the registry of this feed'
    })
  }
}

function isReferences(value: unknown): value is Answer['references'] {
  return Array.isArray(value) && value.every((one) => typeof one?.subject === 'string' && Number.isInteger(one.version))
}

/** A schema as JSON text within JSON text takes more than by itself. */
async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > 2 * MOST_SCHEMA_BYTES) throw new Error(`the answer is larger than ${2 * MOST_SCHEMA_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
