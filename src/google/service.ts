import { resolve } from 'node:path'
import { SCOPES } from './client.ts'
import type { RestService } from './rest.ts'

const services = {
  pubsub: { emulator: 'PUBSUB_EMULATOR_HOST', host: 'https://pubsub.googleapis.com', path: '/v1/', scopes: SCOPES },
  bigquery: {
    emulator: 'BIGQUERY_EMULATOR_HOST',
    host: 'https://bigquery.googleapis.com',
    path: '/bigquery/v2/',
    scopes: ['https://www.googleapis.com/auth/bigquery']
  },
  storage: {
    emulator: 'STORAGE_EMULATOR_HOST',
    host: 'https://storage.googleapis.com',
    path: '/storage/v1/',
    scopes: ['https://www.googleapis.com/auth/devstorage.read_only']
  },
  'storage to write': {
    emulator: 'STORAGE_EMULATOR_HOST',
    host: 'https://storage.googleapis.com',
    path: '/storage/v1/',
    scopes: ['https://www.googleapis.com/auth/devstorage.read_write']
  }
} as const

export interface Account {
  readonly KEY_FILE: string | undefined
  readonly TOKEN_FILE: string | undefined
  readonly ENDPOINT?: string | undefined
}

/** Relative paths start at baseDir. */
export function credentialsOf({ KEY_FILE, TOKEN_FILE }: Account, baseDir: string) {
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(baseDir, path))
  return { keyFile: absolute(KEY_FILE), tokenFile: absolute(TOKEN_FILE) }
}

/** A service by HTTP, or the emulator that the environment names. `place` begins messages. Throws as `authorize` does. */
export async function openService(
  name: keyof typeof services,
  account: Account,
  baseDir: string,
  place: string
): Promise<RestService> {
  const { emulator, host, path, scopes } = services[name]
  const local = process.env[emulator]?.replace(/^http:\/\//, '')
  if (local) return { base: `http://${local}${path}`, tokens: undefined }
  // Loaded here, since it takes long.
  const { openTokens } = await import('./tokens.ts')
  const tokens = await openTokens({ ...credentialsOf(account, baseDir), scopes }, place)
  return { base: `${account.ENDPOINT ?? host}${path}`, tokens }
}
