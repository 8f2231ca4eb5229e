import type { Mechanism } from 'kafkajs'
import { AlertStreamsError } from '../contract/errors.ts'
import type { Tokens } from './oauth.ts'

/** SASL as kafkajs takes it; `ready` resolves when what a handshake needs is at hand. */
export interface Bearer extends Mechanism {
  ready(): Promise<unknown>
}

/**
 * OAUTHBEARER (RFC 7628). kafkajs' own takes a refusal for a success: the broker's first answer to a bad token is no
 * error but a text, and the first request after it then fails for reasons that say nothing.
 */
export function oauthBearer(tokens: Tokens): Bearer {
  return {
    mechanism: 'oauthbearer',
    ready: () => tokens.get(),
    authenticationProvider: ({ host, port, saslAuthenticate }) => ({
      async authenticate() {
        const token = await tokens.get()
        const first = { encode: () => sized(`n,,\x01auth=Bearer ${token}\x01\x01`) }
        const answer = await saslAuthenticate({ request: first, response: text })
        if (!answer) return
        tokens.forget(token)
        // The protocol wants a last word from us. The broker's answer to it is an error that says no more than this.
        await saslAuthenticate({ request: { encode: () => sized('\x01') } }).catch(() => undefined)
        throw refused(`${host}:${port}`, answer, tokens.grant.tokenUrl)
      }
    })
  }
}

const text = {
  decode: (bytes: Buffer) => bytes.subarray(4),
  parse: (bytes: Buffer) => bytes.toString()
}

function sized(value: string): Buffer {
  const bytes = Buffer.from(value)
  const size = Buffer.alloc(4)
  size.writeInt32BE(bytes.length)
  return Buffer.concat([size, bytes])
}

function refused(broker: string, answer: string, tokenUrl: string): AlertStreamsError {
  const status = /"status"\s*:\s*"([a-z_]{1,40})"/.exec(answer)?.[1] ?? 'no reason given'
  return new AlertStreamsError('CREDENTIALS_REFUSED', `${broker} refuses the token that ${tokenUrl} gave: ${status}`, {
    remedy: 'Check that URL and TOKEN_URL belong together, and that SCOPE is what the broker wants.'
  })
}
