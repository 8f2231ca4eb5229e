import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/index.ts'
import { parts } from './parts.ts'

const folder = 'test/config/bad'

describe('a bad configuration', () => {
  const names = readdirSync(folder).filter((file) => file.endsWith('.yaml'))

  it.each(names)('%s is told with line, column, caret and remedy', async (name) => {
    const { problems, count } = await badConfig(`${folder}/${name}`)
    expect(problems.split('\n\n')).toHaveLength(count)
    for (const problem of problems.split('\n\n')) {
      expect(problem).toMatch(new RegExp(`^${folder}/${name}:\\d+:\\d+: .+\n`))
      expect(problem).toMatch(/^ +\d+ \| .*\n {5}\| +\^+\n {2}\S/m)
    }
    expect(problems).not.toContain('canary-in')
    expect(problems).not.toContain('coal-mine')
    await expect(`${problems}\n`).toMatchFileSnapshot(`bad/${name.replace('.yaml', '.txt')}`)
  })
})

async function badConfig(file: string) {
  const loaded = await loadConfig([file], { env: {}, parts })
  if (loaded.problems === undefined) throw new Error(`${file} was taken`)
  return loaded
}
