import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type AccountFile, until, Workplace } from '../end-to-end/program.ts'

const COUNT = 20
const messages = Array.from({ length: COUNT }, (_, n) =>
  JSON.stringify({ topic: 'a', value: Buffer.from(`{"n":${n}}`).toString('base64') })
).join('\n')

/** An archive, which one member reads, and what it comes to. */
function place(handler: string, runner: object = {}): Workplace {
  const route = { HANDLER: './handler.ts', SINKS: 'kept' }
  const config = {
    ALERT_STREAMS: [{ NAME: 'ArchiveAlertStream', OPTIONS: { PATH: 'in.ndjson', TOPIC_HANDLERS: { a: route } } }],
    SINKS: { kept: { NAME: 'FileSink', OPTIONS: { PATH: 'kept/' } } },
    RUNNER: runner
  }
  return new Workplace(config, { 'in.ndjson': `${messages}\n`, 'handler.ts': handler })
}

const start = (at: Workplace, count: number) =>
  at.start({ args: ['run', '--processes', String(count), '--account', 'account.json'] })

const read = (at: Workplace, name: string) => JSON.parse(at.read(name)) as AccountFile

test('a stream that cannot be shared runs in the first of three, and the account is that of all', async () => {
  await using at = place('export default (alert) => alert')
  const program = start(at, 3)
  expect(await program.end(), program.output).toBe(0)
  expect(readdirSync(`${at.folder}/kept`)).toEqual([expect.stringContaining('0')])
  expect(at.account()).toMatchObject({ members: 3, missing: [], balanced: true, sinks: { kept: { written: COUNT } } })
  expect(at.account().streams['archive-alert-stream']!.topics.a).toMatchObject({ received: COUNT, delivered: COUNT })
  expect(read(at, 'account.json.0').streams).toEqual(at.account().streams)
  for (const member of [1, 2]) expect(read(at, `account.json.${member}`).streams).toEqual({})
  for (const member of [0, 1, 2]) expect(program.lines.some((line) => line.member === member)).toBe(true)
})

test('a member that is killed is started again, and its life is named as missing', async () => {
  await using at = place(`
    import { existsSync, writeFileSync } from 'node:fs'
    export default (alert) => {
      if (existsSync('killed')) return alert
      writeFileSync('killed', '')
      process.kill(process.pid, 'SIGKILL')
    }`)
  const program = start(at, 2)
  expect(await program.end(), program.output).toBe(0)
  await program.line(/^member 0 has ended \(SIGKILL\).*Starting it again/, { level: 50, member: 0 })
  expect(at.account()).toMatchObject({ missing: ['member 0, life 1: SIGKILL'], sinks: { kept: { written: COUNT } } })
})

test('a member whose stream fails for good is not started again, and its exit code is that of all', async () => {
  await using at = place('export default () => { throw new Error("no") }')
  const program = start(at, 2)
  expect(await program.end(), program.output).toBe(1)
  expect(program.lines.filter(({ msg }) => /^member \d starts/.test(msg))).toHaveLength(2)
  expect(at.account()).toMatchObject({ missing: [], balanced: true })
})

const never = 'export default () => { console.log("waiting"); return new Promise(() => {}) }'

test('a first signal lets all finish, a second stops all at once', { timeout: 40_000 }, async () => {
  await using at = place(never, { DRAIN_SECONDS: 60 })
  const program = start(at, 2)
  await until(
    () => program.output.includes('waiting'),
    'a handler to be called',
    30,
    () => program.output
  )
  program.signal('SIGTERM')
  await program.line(/^the parent stops: finishing what was taken/, { member: 0 })
  await sleep(500)
  expect(program.running).toBe(true)
  program.signal('SIGTERM')
  expect(await program.end(5), program.output).toBe(3)
  const { received, givenBack } = at.account().streams['archive-alert-stream']!.topics.a!
  expect(givenBack).toBe(received)
  expect(at.account()).toMatchObject({ missing: [], balanced: true })
})

test('members do not outlive their parent', { timeout: 40_000 }, async () => {
  await using at = place(never, { DRAIN_SECONDS: 1 })
  const program = start(at, 2)
  await until(
    () => program.output.includes('waiting'),
    'a handler to be called',
    30,
    () => program.output
  )
  const pids = program.lines.flatMap(({ msg, pid }) => (msg.includes('starts') && pid !== undefined ? [pid] : []))
  expect(pids).toHaveLength(2)
  await program.kill()
  await until(() => pids.every((pid) => !lives(pid)), 'the members to end', 15)
})

test('a number of processes that makes no sense is refused', async () => {
  await using at = place(never)
  for (const count of [0, 1.5, 1000]) expect(await start(at, count).end()).toBe(2)
})

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
