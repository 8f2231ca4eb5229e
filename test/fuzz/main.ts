import { parseArgs } from 'node:util'
import { type CodecName, codecs } from '../../src/codecs/index.ts'
import { describe, runFuzz } from './run.ts'

/** `npm run fuzz -- --codec json --count 1000 --seed 7`; by default 100,000 damaged messages for every codec. */
const { values } = parseArgs({
  options: {
    codec: { type: 'string', multiple: true, default: Object.keys(codecs) },
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' }
  }
})

for (const codec of values.codec as CodecName[]) {
  try {
    const summary = await runFuzz(codec, Number(values.count), Number(values.seed))
    console.log(describe(summary))
    for (const problem of summary.problems) console.error(`  ${problem}`)
    if (summary.problems.length > 0) process.exitCode = 1
  } catch (error) {
    console.error(String(error))
    process.exitCode = 1
  }
}
if (process.exitCode === 1) console.error('One case again: node test/fuzz/child.ts CODEC 0 SEED INDEX')
