import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { rmSync } from 'node:fs'
import { writeOauthKeys } from '../services/oauth.ts'

/** A key that signs tokens, for tests in which nobody checks the signature. */
export function keyFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'alertstreams-key-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeOauthKeys(folder)
  return join(folder, 'private.pem')
}
