import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { referenceFiles, sourcesPage } from '../src/config/index.ts'

/**
 * Writes what follows from the declared options: the JSON Schema for editors, the reference page, and the tables in the page of
 * sources.
 */
const root = new URL('../', import.meta.url)
for (const [path, text] of Object.entries(referenceFiles())) {
  const file = new URL(path, root)
  mkdirSync(new URL('./', file), { recursive: true })
  writeFileSync(file, text)
}

const sources = new URL('docs/sources.md', root)
writeFileSync(sources, sourcesPage(readFileSync(sources, 'utf8')))
