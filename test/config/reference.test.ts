import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { optionsReference, optionsSchema, referenceFiles } from '../../src/config/index.ts'
import { parts } from './parts.ts'

describe('what follows from the declared options', () => {
  it.each(Object.entries(referenceFiles()))(
    '%s is up to date (scripts/write-reference.ts writes it)',
    async (path, text) => {
      const given = await readFile(path, 'utf8')
      // The formatter sets JSON its own way.
      if (path.endsWith('.json')) expect(JSON.parse(given)).toEqual(JSON.parse(text))
      else expect(given).toBe(text)
    }
  )

  it('the reference has a row for each option', () => {
    const page = optionsReference(parts)
    expect(page).toContain('| `GROUP_ID` | text | **required** | The consumer group. |')
    expect(page).toContain('| `PASSWORD` | text |  | The password. **Secret.** |')
    expect(page).toContain('| `START_POSITION` | `EARLIEST`, `LATEST` | `LATEST` | Where a new group begins. |')
    expect(page).toContain('| `CONCURRENCY` | integer | `16` |')
  })

  it('the schema closes every map of known keys', () => {
    const schema = JSON.stringify(optionsSchema(parts))
    expect(JSON.parse(schema)).toMatchObject({ additionalProperties: false })
    expect(schema).toContain('"PASSWORD_FILE"')
    expect(schema).toContain('"default":16')
  })
})
