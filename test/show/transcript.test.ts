import { expect, test } from 'vitest'
import { alertstreams } from '../cli/program.ts'
import { blocksOf, root } from '../docs/blocks.ts'

test('the page in docs/show.md is what the command prints', () => {
  const blocks = blocksOf('docs/show.md')
  const at = blocks.findIndex(({ text }) => text.includes('config/demo'))
  const [, , ...args] = blocks[at]!.text.trim().split(' ')
  const { lines, errors } = alertstreams(args, '', root)
  expect(errors).toBe('')
  expect(blocks[at + 1]!.text).toBe(`${lines.join('\n')}\n`)
})
