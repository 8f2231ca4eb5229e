/** Records one number after the other; says each on standard output where it would be acknowledged. */
import { writeSync } from 'node:fs'
import type { Claim } from '../../src/contract/dedupe.ts'
import { DedupeStore } from '../../src/dedupe/index.ts'
import { compileExpression } from '../../src/filter/index.ts'
import { RecordingLog } from '../contract/log.ts'

const [stateDir = '', first = '0', dieAt = ''] = process.argv.slice(2)
const route = new DedupeStore(stateDir, new RecordingLog()).of('stream', {
  key: 'a',
  dedupe: { key: compileExpression('k'), window: 3600 }
})
for (let number = Number(first); ; number++) {
  await new Promise<void>((resolve) => {
    const claim = route.claim(number) as Claim
    if (dieAt === `claim ${number}`) process.kill(process.pid, 'SIGKILL')
    claim.record(() => {
      // Recorded, and dead before anyone is told.
      if (dieAt === `record ${number}`) process.kill(process.pid, 'SIGKILL')
      writeSync(1, `${number}\n`)
      resolve()
    })
  })
}
