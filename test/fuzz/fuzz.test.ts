import { expect, test } from 'vitest'
import { type CodecName, codecs } from '../../src/codecs/index.ts'
import { bombs } from './bombs.ts'
import { describe as describeRun, runFuzz } from './run.ts'

const names = Object.keys(codecs) as CodecName[]

test('every codec has bombs', () => {
  expect(Object.keys(bombs).toSorted()).toEqual(names.toSorted())
})

test.each(names)(
  '%s: 2,000 damaged messages are read or DECODE_FAILED, in bounded time and memory',
  { timeout: 240_000 },
  async (name) => {
    const summary = await runFuzz(name, 2000, 1)
    console.log(describeRun(summary))
    expect(summary.problems).toEqual([])
  }
)
