import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the SASL_SSL listener expects in a signed token. */
export const oauthAudience = 'alertstreams-test'
export const oauthIssuer = 'http://127.0.0.1/issuer'

const keyId = 'test'

/** Makes the key with which tests sign tokens (private.pem) and the key set by which the broker checks them (jwks.json). */
export function writeOauthKeys(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: keyId, alg: 'RS256', use: 'sig' }
  writeFileSync(join(folder, 'private.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: [jwk] }))
}

/** A token for OAUTHBEARER on SASL_SSL, signed with private.pem; `claims` are added and win. */
export function signedToken(user: string, privateKeyFile: string, claims: Record<string, unknown> = {}): string {
  const content = `${encode({ alg: 'RS256', kid: keyId })}.${encode({ ...standardClaims(user), ...claims })}`
  return `${content}.${sign('RSA-SHA256', Buffer.from(content), readFileSync(privateKeyFile)).toString('base64url')}`
}

/** A token for OAUTHBEARER on SASL_PLAINTEXT, which checks no signature. */
export function unsignedToken(user: string): string {
  return `${encode({ alg: 'none' })}.${encode(standardClaims(user))}.`
}

function standardClaims(user: string): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000)
  return { sub: user, iss: oauthIssuer, aud: oauthAudience, iat: now, exp: now + 3600 }
}

function encode(part: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
