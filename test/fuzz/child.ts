import { setImmediate } from 'node:timers/promises'
import type { CodecName } from '../../src/codecs/index.ts'
import type { Message } from '../../src/contract/alert.ts'
import { Random } from '../../src/generate/random.ts'
import { harnesses } from '../harnesses/codecs.ts'
import { bombs } from './bombs.ts'
import { isPastHeader } from './header.ts'
import { mutate } from './mutations.ts'
import type { Summary } from './summary.ts'
import { Trial } from './trial.ts'

const [name, count, seed, only] = process.argv.slice(2) as [CodecName, string, string, string | undefined]
const summary =
  only === undefined ? await fuzz(name, Number(count), Number(seed)) : one(name, Number(seed), Number(only))
process.stdout.write(JSON.stringify(summary))

async function fuzz(name: CodecName, count: number, seed: number): Promise<Summary> {
  const trial = new Trial(name)
  for (const { title, message } of bombs[name]) trial.decode(`bomb: ${title}`, message())
  for (let index = 0; index < count; index++) {
    // Else what zlib has let go of is never freed.
    if (index % 20 === 0) await setImmediate()
    const { golden, message } = damaged(name, seed, index)
    const isRead = trial.decode(`--only ${index}`, message)
    trial.summary.mutations++
    if (isRead || isPastHeader(golden, message)) trial.summary.pastHeader++
  }
  return trial.summary
}

function one(name: CodecName, seed: number, index: number): Summary {
  const trial = new Trial(name)
  const { message } = damaged(name, seed, index)
  console.error(message)
  trial.decode(`--only ${index}`, message)
  return trial.summary
}

/** The same for the same seed and index. */
function damaged(name: CodecName, seed: number, index: number): { golden: Message; message: Message } {
  const random = new Random(seed * 1_000_003 + index)
  const { golden } = harnesses[name]
  const all = Object.values(harnesses).flatMap((harness) => harness.golden)
  const chosen = random.pick(golden).message
  return { golden: chosen, message: mutate(chosen, random, random.pick(random.next() < 0.5 ? golden : all).message) }
}
