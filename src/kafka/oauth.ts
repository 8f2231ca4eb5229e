import { setTimeout as pause } from 'node:timers/promises'
import { AlertStreamsError, adviceOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import { type Grant, requestToken, type Token, type Way } from './oauth-token.ts'
import { renewAfter } from './renewal.ts'

interface Kept {
  readonly value: string
  /** Unix milliseconds. */
  readonly until: number
  readonly renewAt: number
}

/** A token that ends so soon is of no use any more, in ms. */
const TOO_SHORT_MS = 1000
/** How long somebody who has a token waits for the next one, in ms: he may have to keep up a session meanwhile. */
const PATIENCE_MS = 4000

/** Access tokens of one client: kept, renewed early, asked for once when many want one. */
export class Tokens {
  readonly grant: Grant
  readonly #log: Logger
  readonly #now: () => number
  #way: Way = 'header'
  #kept: Kept | undefined
  #asking: Promise<Kept> | undefined
  #failing = false

  constructor(grant: Grant, log: Logger, now: () => number = Date.now) {
    this.grant = grant
    this.#log = log
    this.#now = now
  }

  /** While the server has no new token, the present one as long as it is good. */
  async get(): Promise<string> {
    const kept = this.#kept
    const now = this.#now()
    if (kept === undefined || kept.until - now < TOO_SHORT_MS) return (await this.#renew()).value
    if (now < kept.renewAt) return kept.value
    const patience = new AbortController()
    const present = pause(Math.min(PATIENCE_MS, (kept.until - now) / 2), kept, { signal: patience.signal })
    try {
      return (await Promise.race([this.#renew().catch(() => kept), present.catch(() => kept)])).value
    } finally {
      patience.abort()
    }
  }

  /** The broker has refused it: the next one that is wanted is a new one. */
  forget(value: string): void {
    if (this.#kept?.value === value) this.#kept = undefined
  }

  #renew(): Promise<Kept> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #ask(): Promise<Kept> {
    const asked = this.#now()
    try {
      const { value, life } = await this.#request()
      if (this.#failing) this.#log.info(`${this.grant.tokenUrl} gives tokens again`)
      this.#failing = false
      this.#kept = { value, until: asked + life, renewAt: asked + renewAfter(life) }
      return this.#kept
    } catch (error) {
      this.#sayFailing(error)
      throw error
    }
  }

  /** A server that refuses one way of naming the client may know the other. */
  async #request(): Promise<Token> {
    try {
      return await requestToken(this.grant, this.#way)
    } catch (error) {
      if (!(error instanceof AlertStreamsError && error.code === 'CREDENTIALS_REFUSED')) throw error
      const other = this.#way === 'header' ? 'body' : 'header'
      const token = await requestToken(this.grant, other).catch(() => {
        throw error
      })
      this.#way = other
      return token
    }
  }

  /** Once, where there is a token to go on with; without one, whoever wanted it says so. */
  #sayFailing(error: unknown): void {
    const left = (this.#kept?.until ?? 0) - this.#now()
    if (left <= 0 || this.#failing) return
    this.#failing = true
    const code = error instanceof AlertStreamsError ? error.code : 'CONNECT_FAILED'
    this.#log.warn(
      { code },
      `${adviceOf(error)} The present token is good for ${Math.round(left / 1000)} s; trying again.`
    )
  }
}
