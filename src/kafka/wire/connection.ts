import type { Socket } from 'node:net'
import type { Replacement } from './replacement.ts'

interface Connection {
  socket?: Socket
  chunks: Buffer[]
  bytesBuffered: number
  bytesNeeded: number
  isConnected(): boolean
  connect(): Promise<unknown>
  send(protocol: unknown): Promise<unknown>
}

/** Of the number that says how long a response is. */
const LENGTH_BYTES = 4

/**
 * Two things that leave a kafkajs consumer standing still for minutes or for ever, without a word.
 * After a request without an answer it goes on with the same connection: where the other side is gone silently (a
 * firewall that forgot it, a laptop that slept) every repetition runs into its own time limit. Here the connection is
 * closed, and the next request opens another.
 * A connection that breaks in the middle of a response keeps that half, and its successor takes it for the beginning of
 * its own first response. Here it begins with nothing.
 */
export const freshConnection: Replacement = {
  what: 'connections that are given up when silent, and begin anew',
  file: 'network/connection.js',
  sha256: '2a993b2e74421ca6d846efd59e4ba74b11100dbe7d40d0f52ea3218e917aafdd',
  heldBy: [],
  make: (original) => {
    const { prototype } = original as { prototype: Connection }
    const { connect, send } = prototype
    prototype.connect = function () {
      if (!this.isConnected()) Object.assign(this, { chunks: [], bytesBuffered: 0, bytesNeeded: LENGTH_BYTES })
      return connect.call(this)
    }
    prototype.send = async function (protocol) {
      const { socket } = this
      try {
        return await send.call(this, protocol)
      } catch (error) {
        // kafkajs then does what it does for any broken connection: the other requests on it are repeated too.
        if (isTimeout(error) && socket === this.socket)
          socket?.destroy(new Error('no answer: the connection is silent'))
        throw error
      }
    }
    return original
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'KafkaJSRequestTimeoutError'
}
