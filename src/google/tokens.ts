import type { AuthClient } from 'google-auth-library'
import { authorize, type Credentials, tokenError } from './auth.ts'

/** Bearer tokens of one account, renewed by themselves before they end. */
export interface Tokens {
  /** Rejects as `authorize` does. */
  get(): Promise<string>
  /** A new one, since the service has refused the last. */
  renew(): Promise<string>
}

/** Throws as `authorize` does. */
export async function openTokens(credentials: Credentials, place: string): Promise<Tokens> {
  let client = await authorize(credentials, place)
  const tokenOf = async (from: AuthClient) => {
    const { token } = await from.getAccessToken().catch((error: unknown) => {
      throw tokenError(error, place)
    })
    return token ?? ''
  }
  return {
    get: () => tokenOf(client),
    async renew() {
      client = await authorize(credentials, place)
      return tokenOf(client)
    }
  }
}
