import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { kinds, schedule } from './kinds/index.ts'
import { copyProgram } from './program.ts'
import { Random } from './random.ts'
import { resultLines, summaryOf } from './report.ts'
import { runSession } from './session.ts'

const usage = `Runs the program under faults, and says what became of every alert.
usage: npm run faults -- [--alerts N] [--faults F] [--seed S] [--kinds a,b] [--packets] [--keys K] [--members 1..3]
                         [--program FOLDER] [--summary FILE]
kinds: ${kinds.map(({ name }) => name).join(', ')}`

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      alerts: { type: 'string', default: '100000' },
      faults: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
      kinds: { type: 'string' },
      packets: { type: 'boolean', default: false },
      keys: { type: 'string', default: '200' },
      members: { type: 'string', default: '2' },
      program: { type: 'string' },
      summary: { type: 'string' },
      help: { type: 'boolean', default: false }
    }
  })
  const names = values.kinds?.split(',')
  const unknown = names?.filter((name) => !kinds.some((kind) => kind.name === name)) ?? []
  if (values.help || unknown.length > 0) {
    console.error(unknown.length > 0 ? `no such kind: ${unknown.join(', ')}\n${usage}` : usage)
    return 2
  }
  const seed = Number(values.seed)
  const chosen = kinds.filter(({ name }) => names === undefined || names.includes(name))
  const start = Date.now()
  const say = (line: string) => console.log(`${((Date.now() - start) / 1000).toFixed(1).padStart(7)} s  ${line}`)
  const copy = mkdtempSync(join(tmpdir(), 'alertstreams-program-'))
  const outcome = await runSession({
    alerts: Number(values.alerts),
    kinds: schedule(chosen, Number(values.faults), new Random(seed)),
    seed,
    packets: values.packets,
    keys: Number(values.keys),
    members: Number(values.members),
    program: values.program ?? copyProgram(join(copy, 'program')),
    say
  }).finally(() => rmSync(copy, { recursive: true, force: true }))
  for (const line of resultLines(outcome)) console.log(line)
  const file = values.summary ?? 'test-results/faults.json'
  mkdirSync(join(file, '..'), { recursive: true })
  const { program: _, summary: __, help: ___, ...asked } = values
  writeFileSync(file, `${JSON.stringify({ asked, ...summaryOf(outcome) }, undefined, 2)}\n`)
  console.log(`summary: ${file}`)
  return outcome.violations.length === 0 ? 0 : 1
}
