import { closeSync, openSync } from 'node:fs'
import { PoolBench } from '../pool-bench.ts'

/** Opens all the files that it may, then a pool; closes them when that says why its calls wait, and shows an answer. */
await using bench = new PoolBench()
await bench.value('count')
const files: number[] = []
try {
  for (;;) files.push(openSync('/dev/null', 'r'))
} catch {
  // No more.
}
bench.call('exit').catch(() => undefined)
const answer = bench.value('count')
while (bench.waits.at(-1) === undefined) await new Promise((resolve) => setTimeout(resolve, 20))
console.log(bench.waits.at(-1))
for (const file of files) closeSync(file)
console.log(JSON.stringify(await answer))
