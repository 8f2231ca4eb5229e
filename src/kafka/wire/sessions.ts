import { renewAfter } from '../renewal.ts'
import type { Replacement } from './replacement.ts'

interface Connection {
  /** `ready`: resolves when what a handshake needs is at hand. */
  readonly sasl: { ready?(): Promise<unknown> } | null
  /** As `process.hrtime` gives it; null: not yet. */
  readonly authenticatedAt: [number, number] | null
  /** Milliseconds, a 64-bit integer with a `toString`; 0: for ever. */
  readonly sessionLifetime: object
  isAuthenticated(): boolean
  authenticate(): Promise<void>
  send(protocol: Protocol): Promise<unknown>
}

interface Protocol {
  readonly request: { readonly apiKey: number }
}

/** What one connection has under way. */
interface Traffic {
  readonly requests: Set<Promise<unknown>>
  authentication: Promise<void> | undefined
}

/** SaslHandshake, ApiVersions, SaslAuthenticate: they make the session. */
const BEFORE_SESSION = [17, 18, 36]

/**
 * A broker gives an authenticated connection a time to live: that of the token, say. kafkajs authenticates anew at a
 * fixed time before its end, 10 s unless told: all the time where it lives no longer than that. It asks for the token
 * only within the handshake, so that a token that cannot be had leaves the connection of no use; and requests that were
 * begun before may come in between, which the broker answers by closing it.
 * Here the time follows the session's own, the token is there before, and requests wait for one another.
 */
export const sessions: Replacement = {
  what: 'authenticated sessions that are renewed before they end',
  file: 'network/connection.js',
  sha256: '2a993b2e74421ca6d846efd59e4ba74b11100dbe7d40d0f52ea3218e917aafdd',
  heldBy: [],
  make: (original) => {
    const { prototype } = original as { prototype: Connection }
    const { authenticate, send } = prototype
    const all = new WeakMap<Connection, Traffic>()

    const trafficOf = (connection: Connection) => {
      const traffic = all.get(connection) ?? { requests: new Set(), authentication: undefined }
      all.set(connection, traffic)
      return traffic
    }

    async function renew(connection: Connection, { requests }: Traffic): Promise<void> {
      await Promise.allSettled(requests)
      await connection.sasl?.ready?.()
      await authenticate.call(connection)
    }

    prototype.isAuthenticated = function () {
      return this.authenticatedAt !== null && elapsed(this.authenticatedAt) < endOf(this.sessionLifetime)
    }

    prototype.authenticate = async function () {
      if (!this.sasl || this.isAuthenticated()) return
      const traffic = trafficOf(this)
      traffic.authentication ??= renew(this, traffic).finally(() => {
        traffic.authentication = undefined
      })
      return traffic.authentication
    }

    prototype.send = async function (protocol) {
      if (!this.sasl || BEFORE_SESSION.includes(protocol.request.apiKey)) return send.call(this, protocol)
      if (!this.isAuthenticated()) await this.authenticate()
      const { requests } = trafficOf(this)
      const request = send.call(this, protocol).finally(() => requests.delete(request))
      requests.add(request)
      return request
    }
    return original
  }
}

function endOf(lifetime: object): number {
  const life = Number(String(lifetime))
  return life === 0 ? Infinity : renewAfter(life)
}

function elapsed(since: [number, number]): number {
  const [seconds, nanoseconds] = process.hrtime(since)
  return seconds * 1000 + nanoseconds / 1e6
}
