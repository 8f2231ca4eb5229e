import { expect } from 'vitest'
import { textOf } from './log.ts'

/** None of the secrets is in what was logged or thrown. */
export function expectNone(secrets: readonly string[], value: unknown): void {
  const text = textOf(value)
  expect(secrets.filter((secret) => text.includes(secret)).length, 'secrets in what was logged or thrown').toBe(0)
}
