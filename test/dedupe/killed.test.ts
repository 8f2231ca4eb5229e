import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Deduper } from '../../src/contract/dedupe.ts'
import { DedupeStore } from '../../src/dedupe/index.ts'
import { compileExpression } from '../../src/filter/index.ts'
import { RecordingLog } from '../contract/log.ts'

let folder: string
let store: DedupeStore | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dedupe-'))
})
afterEach(() => {
  store?.close()
  store = undefined
  rmSync(folder, { recursive: true, force: true })
})

/** Runs the recorder until it dies, or until it has said `enough`; what it said. */
async function recorded(args: readonly string[], enough = Number.POSITIVE_INFINITY): Promise<number[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'killed.ts'), folder, ...args], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said.split('\n').length > enough) child.kill('SIGKILL')
  })
  const [, signal] = await once(child, 'close')
  expect(signal).toBe('SIGKILL')
  return said.split('\n').slice(0, -1).map(Number)
}

function reopened(): Deduper {
  store?.close()
  store = new DedupeStore(folder, new RecordingLog())
  return store.of('stream', { key: 'a', dedupe: { key: compileExpression('k'), window: 3600 } })
}

it('killed between recording and acknowledging: the redelivery is known', async () => {
  expect(await recorded(['0', 'record 3'])).toEqual([0, 1, 2])
  const after = reopened()
  for (const number of [0, 1, 2, 3]) expect(after.claim(number)).toBe('delivered')
})

it('killed before recording: the redelivery is delivered', async () => {
  expect(await recorded(['0', 'claim 3'])).toEqual([0, 1, 2])
  const after = reopened()
  expect(after.claim(2)).toBe('delivered')
  expect(after.claim(3)).toMatchObject({ record: expect.any(Function) })
})

it('killed at any moment: all that was acknowledged is known, and at most one more', async () => {
  let next = 0
  for (let kill = 0; kill < 5; kill++) {
    const said = await recorded([String(next)], 200 * (kill + 1))
    const last = said.at(-1)!
    const after = reopened()
    for (const number of said) expect(after.claim(number)).toBe('delivered')
    expect(after.claim(last + 2)).not.toBe('delivered')
    next = last + 2
  }
})
