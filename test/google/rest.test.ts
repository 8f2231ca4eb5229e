import { expect, test } from 'vitest'
import { call, exchange } from '../../src/google/rest.ts'
import type { Tokens } from '../../src/google/tokens.ts'

/** Who gives out tokens cannot be reached, and does not say so. */
const never: Tokens = { get: () => new Promise(() => {}), renew: () => new Promise(() => {}) }

test('a call waits for its token no longer than for its answer', { timeout: 5_000 }, async () => {
  const service = { base: 'http://127.0.0.1:9/', tokens: never }
  await expect(call(service, 'GET', 'x', AbortSignal.timeout(100))).rejects.toMatchObject({ name: 'TimeoutError' })
  const stop = new AbortController()
  const stopped = exchange(service, 'POST', `${service.base}x`, stop.signal, { type: 'text/plain', body: 'x' })
  stop.abort(new Error('we end'))
  await expect(stopped).rejects.toThrow('we end')
})
