import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Marks } from '../../src/dead-letters/index.ts'

const shelf = { name: 'rejects', kind: 'FileSink', letters: undefined }
const ticket = (id: string, sink = shelf) => ({ shelf: sink, letter: { id, number: '1', stream: 's' } })

test('marks outlive a crash at any byte: each is there whole or not at all, and later ones are taken', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'marks-'))
  const path = join(stateDir, 'dead-letters-done.ndjson')
  new Marks(stateDir).add([ticket('a'), ticket('b')], 'retried')
  const length = readFileSync(path).length
  for (let cut = length; cut >= 0; cut -= 7) {
    truncateSync(path, cut)
    const marks = new Marks(stateDir)
    expect(marks.has(ticket('b'))).toBe(cut >= length - 1)
    marks.add([ticket('c')], 'dropped')
    expect(marks.has(ticket('c'))).toBe(true)
    const after = new Marks(stateDir)
    expect(after.has(ticket('c'))).toBe(true)
    expect(after.has(ticket('c', { ...shelf, name: 'others' }))).toBe(false)
    appendFileSync(path, 'not a mark\n')
    expect(new Marks(stateDir).has(ticket('c'))).toBe(true)
  }
  rmSync(stateDir, { recursive: true })
})
