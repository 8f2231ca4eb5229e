import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** Who to be, and by which mechanism: SCRAM-SHA-256 or SCRAM-SHA-512. */
export interface ScramCredentials {
  readonly username: string
  readonly password: string
  readonly mechanism: string
}

/** More would let a server keep this process busy. */
const MOST_ITERATIONS = 1_000_000

const derive = promisify(pbkdf2)

/** The client's side of one SCRAM exchange (RFC 5802), without channel binding. Its methods are called in their order. */
export class ScramClient {
  readonly #credentials: ScramCredentials
  readonly #hash: string
  readonly #nonce: string
  readonly #firstBare: string
  #serverSignature: Buffer | undefined

  constructor(credentials: ScramCredentials, nonce = randomBytes(32).toString('base64url')) {
    this.#credentials = credentials
    this.#hash = credentials.mechanism.replace(/^SCRAM-SHA-/i, 'sha')
    this.#nonce = nonce
    this.#firstBare = `n=${credentials.username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`
  }

  first(): string {
    return `n,,${this.#firstBare}`
  }

  /** Answers the server's first message. Throws where that is not one for us. */
  async final(serverFirst: string): Promise<string> {
    const { r: nonce = '', s: salt = '', i = '' } = attributes(serverFirst)
    const iterations = Number(i)
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce)
      throw new Error('the server answers with a foreign nonce')
    if (!Number.isInteger(iterations) || iterations < 1 || iterations > MOST_ITERATIONS)
      throw new Error(`the server asks for ${i} iterations`)
    const bare = `c=biws,r=${nonce}`
    const signed = `${this.#firstBare},${serverFirst},${bare}`
    const length = createHash(this.#hash).digest().length
    const { password } = this.#credentials
    const salted = await derive(password, Buffer.from(salt, 'base64'), iterations, length, this.#hash)
    const clientKey = this.#hmac(salted, 'Client Key')
    const storedKey = createHash(this.#hash).update(clientKey).digest()
    const signature = this.#hmac(storedKey, signed)
    this.#serverSignature = this.#hmac(this.#hmac(salted, 'Server Key'), signed)
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ signature[index]!))
    return `${bare},p=${proof.toString('base64')}`
  }

  /** Throws unless the server has shown that it knows the password too. */
  verify(serverFinal: string): void {
    const { v: given = '', e: error } = attributes(serverFinal)
    if (error !== undefined) throw new Error(`the server refuses: ${error}`)
    const signature = Buffer.from(given, 'base64')
    const expected = this.#serverSignature
    if (expected === undefined || signature.length !== expected.length || !timingSafeEqual(signature, expected))
      throw new Error('the server has not shown that it knows the password')
  }

  #hmac(key: Uint8Array, text: string): Buffer {
    return createHmac(this.#hash, key).update(text).digest()
  }
}

/** `a=1,b=2`; values may hold `=`. */
function attributes(message: string): Partial<Record<string, string>> {
  return Object.fromEntries(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]))
}

/** Those of a Kafka connection where they are good for SCRAM; other mechanisms have no form over HTTP here. */
export function scramOf(credentials: ScramCredentials | undefined): ScramCredentials | undefined {
  return credentials !== undefined && /^SCRAM-SHA-(256|512)$/i.test(credentials.mechanism) ? credentials : undefined
}
