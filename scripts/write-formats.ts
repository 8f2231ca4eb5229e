import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rowsOf, withRows } from '../test/peers/table.ts'

// What the last run of test/peers/proof.test.ts found becomes the table of docs/formats.md.
const root = join(import.meta.dirname, '..')
const page = join(root, 'docs/formats.md')
const proof = JSON.parse(readFileSync(join(root, 'test-results/formats.json'), 'utf8'))
writeFileSync(page, withRows(readFileSync(page, 'utf8'), rowsOf(proof)))
