import { mkdirSync, writeFileSync } from 'node:fs'
import { referenceFiles } from '../src/config/index.ts'

/** Writes what follows from the declared options: the JSON Schema for editors and the reference page. */
const root = new URL('../', import.meta.url)
for (const [path, text] of Object.entries(referenceFiles())) {
  const file = new URL(path, root)
  mkdirSync(new URL('./', file), { recursive: true })
  writeFileSync(file, text)
}
