import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { describePeersOnline } from '../setup/services.ts'
import { cases } from './cases.ts'
import { hasReal, type Proof, prove } from './proof.ts'
import { rowsIn, rowsOf } from './table.ts'

const root = join(import.meta.dirname, '../..')

describePeersOnline("what the peers' own clients write we read, and what we write they read, leaf by leaf", () => {
  let proof: Proof
  beforeAll(async () => {
    proof = await prove()
    mkdirSync(join(root, 'test-results'), { recursive: true })
    writeFileSync(join(root, 'test-results/formats.json'), JSON.stringify(proof, null, 2))
  }, 540_000)

  for (const [name, { format, real }] of Object.entries(cases)) {
    const title = real ? `${format} (skipped where ../shared/data/ztf is absent)` : format
    test.skipIf(real && !hasReal)(title, () => {
      expect(proof.outcomes[name]?.problems.join('\n')).toBe('')
    })
  }

  test('docs/formats.md says what came out; npm run formats writes it', () => {
    const rows = rowsIn(readFileSync(join(root, 'docs/formats.md'), 'utf8'))
    const found = rowsOf(proof)
    if (hasReal) expect(rows).toEqual(found)
    else expect(rows).toEqual(expect.arrayContaining(found))
  })
})
