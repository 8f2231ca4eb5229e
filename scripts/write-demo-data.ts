/** Writes the files that the demo reads; a test compares them with what this would write. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { demoFiles } from '../src/generate/index.ts'

const folder = join(import.meta.dirname, '..', 'config', 'demo')
await rm(join(folder, 'ztf-loop'), { recursive: true, force: true })
for (const { name, bytes } of demoFiles()) {
  const path = join(folder, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
}
