import { hash } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AlertStreamsError } from '../contract/errors.ts'
import { choice, duration, integer, type OptionsOf, text } from '../contract/options.ts'
import type { Outgoing, Placed, Rejection, Sink, SinkSetup, Source } from '../contract/sink.ts'
import { type Content, contentOf, idempotencyKey } from '../webhook/content.ts'
import { Endpoint, type Request } from '../webhook/endpoint.ts'
import { SentKeys } from '../webhook/once.ts'
import { headers, rate } from '../webhook/options.ts'
import { chatBody, chats, digestOf } from '../webhook/template.ts'

const fields = {
  URL: text('where requests go: http or https', { required: true, secret: true }),
  METHOD: choice('the method of the requests', ['POST', 'PUT', 'PATCH'], { fallback: 'POST' }),
  HEADERS: headers('headers of each request, such as Authorization; as a file: lines of `Name: value`', {
    secret: true
  }),
  TIMEOUT: duration('for the answer to one request', { fallback: 10 }),
  TEMPLATE: text(
    'slack or mattermost: TEXT as a message there; any other text: the body itself, with {placeholders}, which are ' +
      'escaped if it is JSON; left out: the value as JSON'
  ),
  TEXT: text(
    'for slack and mattermost: the message, with {stream}, {topic}, {id} and fields of the payload as {candidate.magpsf}, ' +
      'or {candidate.magpsf:2} for two decimals; left out: what a handler gives as text'
  ),
  RATE: rate(
    'the most requests of this process: 1/s, 20/min, 100/h; left out: 1/s for slack and mattermost, else no limit'
  ),
  BURST: integer(
    'with a TEMPLATE for people: when more messages than this wait, one says how many they are and lists the first; 0: never',
    { fallback: 10 }
  ),
  KEY: text("a CEL expression: the key, where neither handler nor route gives one; left out: the message's own"),
  ONCE: duration(
    'send one message for each key in this time, and none for the others: with KEY: objectId, 16h is a night'
  )
}

type Options = OptionsOf<typeof fields>

interface RequestPlaced extends Placed {
  readonly content: Content
  readonly idempotencyKey: string
  /** What ONCE goes by. */
  readonly key: string | undefined
  /** It was taken, or will never be: a write that is repeated passes over it. */
  done: boolean
  refused: string | undefined
}

/** HTTP requests to one URL, one after the other. What `write` has resolved the endpoint has answered for. */
export class WebhookSink implements Sink<RequestPlaced> {
  static readonly doc =
    'Sends each message to a URL: to Slack, to Mattermost, to any HTTP endpoint. Each request has an Idempotency-Key, ' +
    'the same when a message is sent again. The answers 400, 406, 409, 411 to 417, 422 and 431 refuse the one message; ' +
    'any other that is no success is a fault of the endpoint, and is tried again, not before its Retry-After.'
  static readonly fields = fields

  static writes({ URL: url, TEXT, TEMPLATE }: Options): undefined {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw new AlertStreamsError('CONFIG_INVALID', 'URL is no address of an HTTP endpoint', {
        remedy: 'Write it as https://host/path'
      })
    }
    if (TEXT !== undefined && !Object.hasOwn(chats, TEMPLATE ?? '')) {
      throw new AlertStreamsError('CONFIG_INVALID', 'TEXT is given without TEMPLATE: slack or mattermost', {
        remedy: 'Add it, or write the text as TEMPLATE.'
      })
    }
    return undefined
  }

  readonly readsPayload = true
  readonly #options: Options
  readonly #endpoint: Endpoint
  readonly #sent: SentKeys | undefined
  /** Milliseconds between two requests. */
  readonly #gap: number
  #nextAt = 0
  /** How many requests one source message was made into so far: they need keys of their own. */
  readonly #made = new WeakMap<object, number>()

  constructor(options: Options, { name, stateDir }: SinkSetup) {
    WebhookSink.writes(options)
    const { URL: url, METHOD: method, HEADERS, TIMEOUT: timeout, TEMPLATE, RATE, ONCE } = options
    this.#options = options
    this.#endpoint = new Endpoint({ url, method, headers: HEADERS ?? {}, timeout })
    this.#gap = RATE ?? (Object.hasOwn(chats, TEMPLATE ?? '') ? 1000 : 0)
    const file = `once-${encodeURIComponent(name)}.sqlite`
    this.#sent = ONCE === undefined ? undefined : new SentKeys(join(stateDir, file), ONCE)
  }

  connect(signal: AbortSignal): Promise<void> {
    return this.#endpoint.reach(signal)
  }

  place(outgoing: Outgoing, source: Source): RequestPlaced {
    const { TEMPLATE: template, TEXT: text } = this.#options
    const content = contentOf(outgoing, source, { template, text })
    const { message, failure } = source
    const count = this.#made.get(message) ?? 0
    this.#made.set(message, count + 1)
    return {
      target: 'endpoint',
      bytes: content.body.length,
      extraBytes: content.body === message.bytes ? 0 : content.body.length,
      content,
      idempotencyKey: idempotencyKey(source, count),
      key: failure ? undefined : keyText(outgoing.key),
      done: false,
      refused: undefined
    }
  }

  async write(batch: readonly RequestPlaced[], signal: AbortSignal): Promise<readonly Rejection[]> {
    signal.throwIfAborted()
    const waiting = this.#waitingIn(batch)
    const { BURST } = this.#options
    const isDigest = BURST > 0 && waiting.length > BURST && waiting.every(({ content }) => content.text !== undefined)
    if (isDigest) await this.#send(waiting, digestRequest(waiting, BURST), signal)
    else {
      // Asked again for each: where the first of a key is refused, the next one is sent.
      for (const one of batch) {
        if (this.#isWaiting(one))
          await this.#send([one], { ...one.content, idempotencyKey: one.idempotencyKey }, signal)
      }
    }
    return batch.flatMap(({ refused }, index) =>
      refused === undefined ? [] : [{ index, code: 'SINK_REJECTED', reason: refused }]
    )
  }

  async close(): Promise<void> {
    this.#sent?.close()
  }

  #isWaiting({ done, key }: RequestPlaced): boolean {
    return !done && (key === undefined || this.#sent?.has(key) !== true)
  }

  /** What is still to be sent; with ONCE the first of each key. */
  #waitingIn(batch: readonly RequestPlaced[]): readonly RequestPlaced[] {
    const waiting = batch.filter((one) => this.#isWaiting(one))
    if (this.#sent === undefined) return waiting
    const keys = new Set<string>()
    return waiting.filter(({ key }) => key === undefined || (!keys.has(key) && keys.add(key)))
  }

  async #send(all: readonly RequestPlaced[], request: Request, signal: AbortSignal): Promise<void> {
    const pause = Math.max(this.#nextAt, this.#endpoint.resumeAt) - Date.now()
    if (pause > 0) await sleep(pause, undefined, { signal })
    this.#nextAt = Date.now() + this.#gap
    const refused = await this.#endpoint.send(request, signal)
    for (const one of all) {
      one.done = true
      one.refused = refused
    }
    if (refused === undefined) this.#sent?.record(all.flatMap(({ key }) => key ?? []))
  }
}

/** Of the same messages it is the same, so that a repeated one is known. */
function digestRequest(all: readonly RequestPlaced[], first: number): Request {
  const text = digestOf(
    all.map(({ content }) => content.text!),
    first
  )
  const isChat = all[0]!.content.type === 'application/json'
  return {
    body: Buffer.from(isChat ? chatBody(text) : text),
    type: all[0]!.content.type,
    idempotencyKey: hash('sha256', all.map((one) => one.idempotencyKey).join()).slice(0, 32)
  }
}

function keyText(key: Outgoing['key']): string | undefined {
  if (key === null || key === undefined) return undefined
  return typeof key === 'string' ? key : Buffer.from(key).toString('latin1')
}
