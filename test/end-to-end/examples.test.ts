import { expect, test } from 'vitest'
import { join } from 'node:path'
import { Program, root } from './program.ts'

test.each(['example.yaml', 'demo.yaml'])('config/%s is valid with nothing in the environment', async (name) => {
  const program = new Program(['check', join('config', name)], root, {})
  expect(await program.end(), program.output).toBe(0)
  expect(program.output).toContain('the configuration is valid')
})
