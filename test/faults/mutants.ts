/** The harness must be able to fail: it has to catch each of these mutants of the program. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kinds, schedule } from './kinds/index.ts'
import { copyProgram, type Patch } from './program.ts'
import { Random } from './random.ts'
import { type Outcome, runSession } from './session.ts'

interface Mutant {
  readonly name: string
  readonly patches: readonly Patch[]
  readonly alerts: number
  readonly kinds: readonly string[]
  readonly faults: number
  /** One of the violations must say this. */
  readonly caught: RegExp
}

const mutants: readonly Mutant[] = [
  {
    name: 'acknowledge before the sink answers',
    patches: [
      {
        file: 'src/pipeline/outbox.ts',
        find: 'queue.items.push({ work, placed, dead })',
        replace: 'queue.items.push({ work, placed, dead })\n    work.delivery.ack()'
      }
    ],
    alerts: 12_000,
    kinds: ['kill-busy'],
    faults: 3,
    caught: /lost/
  },
  {
    name: 'commit the highest offset instead of the prefix',
    patches: [
      {
        file: 'src/kafka/offsets.ts',
        find: 'if (slot - this.#base !== this.#head) return',
        replace:
          'this.#prefix = Math.max(this.#prefix, this.#ends[slot - this.#base] ?? -1)\n    if (slot - this.#base !== this.#head) return'
      }
    ],
    alerts: 12_000,
    kinds: ['kill-all'],
    faults: 4,
    caught: /lost/
  },
  {
    name: 'no wait on drain',
    patches: [
      {
        file: 'src/pipeline/in-flight.ts',
        find: 'if (this.#works.size > 0 && !abandon.aborted) {',
        replace: 'if (this.#works.size < 0) {'
      }
    ],
    alerts: 12_000,
    kinds: ['term'],
    faults: 4,
    caught: /given back|duplicates without a fault/
  },
  {
    name: 'dedupe recorded early',
    patches: [
      {
        file: 'src/dedupe/claims.ts',
        find: 'this.#pending.set(key, pending)',
        replace: 'this.#pending.set(key, pending)\n    this.#delivered.record(key, () => {})'
      }
    ],
    alerts: 12_000,
    kinds: ['kill-busy'],
    faults: 3,
    caught: /lost/
  },
  {
    name: 'order ignored',
    patches: [
      {
        file: 'src/pipeline/lanes.ts',
        find: 'enter(key: string | undefined, work: Work): void {',
        replace: 'enter(key: string | undefined, work: Work): void {\n    key = undefined'
      }
    ],
    alerts: 5000,
    kinds: ['term'],
    faults: 1,
    caught: /out of order/
  }
]

const chosen = process.argv.slice(2)
let missed = 0
for (const mutant of mutants.filter(({ name }) => chosen.length === 0 || chosen.some((word) => name.includes(word)))) {
  const outcome = await tryMutant(mutant)
  const found = outcome.violations.find((violation) => mutant.caught.test(violation))
  if (found === undefined) missed++
  console.log(`${found ? 'caught' : 'NOT CAUGHT'}: ${mutant.name} (${outcome.seconds.toFixed(0)} s)`)
  console.log(`  ${(found ?? (outcome.violations.join('; ') || 'every promise was kept')).slice(0, 300)}`)
  rmSync(outcome.folder, { recursive: true, force: true })
}
process.exitCode = missed === 0 ? 0 : 1

async function tryMutant({ patches, alerts, kinds: names, faults }: Mutant): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'alertstreams-mutant-'))
  const among = kinds.filter(({ name }) => names.includes(name))
  try {
    const program = copyProgram(join(folder, 'program'), patches)
    const planned = schedule(among, faults, new Random(1))
    const say = process.env.VERBOSE ? (line: string) => console.log(line) : () => {}
    return await runSession({ alerts, kinds: planned, seed: 1, packets: false, keys: 50, members: 1, program, say })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
