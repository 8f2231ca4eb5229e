import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import type { AlertStreamsError } from '../../src/contract/errors.ts'
import { alertOf, isAlive, PoolBench, startingWith } from './pool-bench.ts'

const failing = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('it did not fail'),
    (error: AlertStreamsError) => error
  )

describe('a program', () => {
  test('answers each call in its turn, all in one process', async () => {
    await using bench = new PoolBench()
    const answers = await Promise.all(Array.from({ length: 50 }, () => bench.value('count')))
    expect(answers.map((answer) => (answer as { calls: number }).calls)).toEqual(
      Array.from({ length: 50 }, (_, n) => n + 1)
    )
    expect(bench.log.texts('warn')).toEqual([])
  })

  test('returns nothing, the alert, or an error of its own, after which it goes on', async () => {
    await using bench = new PoolBench()
    expect(await bench.call('nothing')).toEqual([])
    const alert = alertOf({ do: 'republish' })
    expect(await bench.handle(alert)).toBe(alert)
    const error = await failing(bench.call('error'))
    expect(error).toMatchObject({
      code: 'HANDLER_FAILED',
      message: 'handler node obedient.mjs: no light curve',
      stack: 'at line 3 of fit.py'
    })
    expect(await bench.value('count')).toMatchObject({ calls: 4 })
  })

  test('of three processes works on three alerts at once', async () => {
    await using bench = new PoolBench({ workers: 3 })
    const pids = await Promise.all([1, 2, 3].map(() => bench.value('slow', { ms: 500 })))
    expect(new Set(pids).size).toBe(3)
  })
})

describe('a process that', () => {
  const cases = [
    ['exit', /worker 1 exited with code 3; it said last: the first line \| the last line, without an end$/],
    ['kill', /worker 1 was ended by SIGKILL$/],
    ['garbage', /worker 1 wrote what is no answer \(.*\) and was killed: "Traceback \(most recent call last\)"$/],
    ['bytes', /worker 1 wrote what is no answer \(.*not valid.*\)/],
    ['other', /worker 1 wrote what is no answer \(it has "call": 0 and not 1\)/],
    ['misspelt', /\(publsh is not known in the answer; known: call, publish, republish, error, traceback\)/],
    ['two', /worker 1 wrote more than one line and was killed: /],
    ['long', /worker 1 wrote a line that is too long and was killed: "x{200}"$/]
  ] as const

  test.for(cases)('answers with %s fails the one call, and the next goes to a new one', async ([what, reason]) => {
    await using bench = new PoolBench()
    const [failure, next] = await Promise.all([failing(bench.call(what)), bench.value('count')])
    expect(failure).toMatchObject({ code: 'HANDLER_FAILED', message: expect.stringMatching(reason) })
    expect(next).toMatchObject({ calls: 1 })
    expect(bench.log.texts('error')).toEqual([])
  })

  test.for(['hang', 'busy'])(
    'does not answer in time (%s) is killed, and the next call has all its time',
    async (what) => {
      await using bench = new PoolBench({ timeout: 0.5 })
      const [failure, next] = await Promise.all([failing(bench.call(what)), bench.value('count')])
      expect(failure).toMatchObject({
        code: 'HANDLER_TIMEOUT',
        message: 'handler node obedient.mjs: worker 1 did not answer within 0.5 s and was killed'
      })
      expect(next).toMatchObject({ calls: 1 })
    }
  )

  test('reads no more fails the call that cannot be written', async () => {
    const script = `echo '{"ready":true}'; read -r request; exec <&-; echo '{"call":1}'; sleep 1000`
    await using bench = new PoolBench({ file: '/bin/sh', args: ['-c', script] })
    expect(await bench.call('nothing')).toEqual([])
    const failure = await failing(bench.call('nothing'))
    expect(failure.message).toMatch(/worker 1 does not read its standard input and was killed$/)
  })

  test('says more than was asked, later, is started again; nobody fails', async () => {
    await using bench = new PoolBench()
    expect(await bench.call('late')).toEqual([])
    await vi.waitFor(() => expect(bench.log.texts('warn')).toHaveLength(1))
    expect(bench.log.texts('warn')[0]).toMatch(
      /worker 1 wrote without having been asked and was killed: "and one more thing\\n"; starting it again$/
    )
    expect(await bench.value('count')).toMatchObject({ calls: 1 })
  })

  test('ends behind its answer has answered', async () => {
    await using bench = new PoolBench()
    expect(await bench.call('answer and exit')).toEqual([])
    await vi.waitFor(() => expect(bench.log.texts('warn')).toHaveLength(1))
    expect(await bench.value('count')).toMatchObject({ calls: 1 })
  })

  test('fails holds up no other', async () => {
    await using bench = new PoolBench({ workers: 2, timeout: 1 })
    await Promise.all([bench.value('count'), bench.value('count')])
    const hanging = failing(bench.call('hang'))
    const start = performance.now()
    for (let n = 0; n < 20; n++) await bench.value('count')
    expect(performance.now() - start).toBeLessThan(900)
    expect((await hanging).code).toBe('HANDLER_TIMEOUT')
  })

  test('never answers is started again more and more rarely', { timeout: 20_000 }, async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'pool-')), 'starts')
    await using bench = new PoolBench(startingWith('', file))
    const starts = () => readFileSync(file, 'utf8').trimEnd().split('\n').length
    const began = performance.now()
    for (let n = 1; n <= 3; n++) {
      await failing(bench.call('exit'))
      expect(starts()).toBe(n)
    }
    expect(performance.now() - began).toBeGreaterThan(3000)
    // One answer, and the next end costs no pause.
    await bench.value('count')
    const answered = performance.now()
    await failing(bench.call('exit'))
    await bench.value('count')
    expect(performance.now() - answered).toBeLessThan(1000)
  })
})

describe('a program that cannot be started', () => {
  test('is said loudly once, keeps its alerts waiting, and goes on when it can be', { timeout: 20_000 }, async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'pool-')), 'program.sh')
    writeFileSync(file, 'echo No module named sncosmo >&2; exit 1\n')
    await using bench = new PoolBench({ file: '/bin/sh', args: [file] })
    const answer = bench.call('nothing')
    await vi.waitFor(() => expect(bench.waits.at(-1)).toBeDefined())
    const reason = 'handler node obedient.mjs: worker 1 exited with code 1; it said last: No module named sncosmo'
    expect(bench.waits).toEqual([reason])
    expect(bench.log.texts('error')).toEqual([`${reason}. Starting it again in 1 s; its alerts wait, nothing is lost.`])
    writeFileSync(file, 'echo \'{"ready":true}\'; read -r request; echo \'{"call":1}\'; read -r request\n')
    expect(await answer).toEqual([])
    expect(bench.waits.at(-1)).toBeUndefined()
    expect(bench.log.texts('info')).toContain('handler node obedient.mjs: worker 1 is ready')
  })

  test.for([
    [startingWith('chat'), /wrote what is no answer \(it must begin with the line \{"ready": true\}\) .*"hello/],
    [{ ...startingWith('silent'), startTimeout: 0.3 }, /did not write the line \{"ready": true\} within 0.3 s/],
    [{ file: '/no/such/program' }, /could not be started: spawn \/no\/such\/program ENOENT/],
    [{ folder: '/no/such/folder' }, /could not be started: /]
  ] as const)('%j is told from others', async ([program, reason]) => {
    await using bench = new PoolBench(program)
    await vi.waitFor(() => expect(bench.waits.at(-1)).toMatch(reason))
  })

  test('because no more files can be opened ends nobody else, and is tried again', { timeout: 60_000 }, () => {
    const script = join(import.meta.dirname, 'programs/no-files.ts')
    const command = `ulimit -n 100; exec "${process.execPath}" "${script}"`
    const { stdout, stderr, status } = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8', timeout: 50_000 })
    expect(stdout, stderr).toMatch(/worker 1 could not be started: spawn .*EMFILE\n\{"pid":\d+,"calls":1\}\n$/)
    expect(status).toBe(0)
  })

  test('is no reason to wait while another process of it works', async () => {
    const lock = join(mkdtempSync(join(tmpdir(), 'pool-')), 'lock')
    const script = `mkdir ${lock} || exit 1; echo '{"ready":true}'; read -r request; echo '{"call":1}'; read -r request`
    await using bench = new PoolBench({ file: '/bin/sh', args: ['-c', script], workers: 2 })
    expect(await bench.call('nothing')).toEqual([])
    await vi.waitFor(() => expect(bench.log.texts('error')).toHaveLength(1))
    expect(bench.waits.filter((reason) => reason !== undefined)).toEqual([])
  })
})

describe('closing', () => {
  test('lets a process end, and whatever it started ends with it', async () => {
    const bench = new PoolBench()
    const child = (await bench.value('parent')) as number
    const { pid } = (await bench.value('count')) as { pid: number }
    expect([isAlive(child), isAlive(pid)]).toEqual([true, true])
    await bench.pool.close()
    await vi.waitFor(() => expect([isAlive(child), isAlive(pid)]).toEqual([false, false]))
    expect(bench.log.texts('warn')).toEqual([])
  })

  test('kills what is at work, or is starting, at once', async () => {
    for (const start of [[], ['silent']]) {
      const bench = new PoolBench(startingWith(...start))
      if (start.length === 0) await bench.value('count')
      bench.call('busy').catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 100))
      const began = performance.now()
      await bench.pool.close()
      expect(performance.now() - began).toBeLessThan(1000)
    }
  })

  test('ends one that will not end, after 6 s', { timeout: 15_000 }, async () => {
    const bench = new PoolBench(startingWith('stubborn'))
    const { pid } = (await bench.value('count')) as { pid: number }
    const began = performance.now()
    await bench.pool.close()
    expect(performance.now() - began).toBeGreaterThan(5900)
    expect(isAlive(pid)).toBe(false)
  })
})

test('one that writes without end does not fill the log, nor keep others waiting; its end is told', async () => {
  const script = `echo '{"ready":true}'; seq 1000000 >&2; echo the end >&2; read -r request; exit 4`
  const bench = new PoolBench({ file: '/bin/sh', args: ['-c', script] })
  let [last, longest] = [performance.now(), 0]
  const ticks = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 10)
  const failure = await failing(bench.call('nothing'))
  clearInterval(ticks)
  expect(failure.message).toMatch(/worker 1 exited with code 4; it said last: .*1000000 \| the end$/)
  expect(bench.log.texts('info').length).toBeLessThan(2100)
  expect(bench.log.texts('info').slice(1999, 2001)).toEqual([
    '2000',
    '… more than 2000 lines in 10 s; the others of these are left out'
  ])
  expect(longest).toBeLessThan(500)
  await bench.pool.close()
})

test('what a process says goes to the log line by line, with its number; long lines are cut', async () => {
  const script = `echo one >&2; printf 'x%.0s' $(seq 3000) >&2; echo >&2; echo '{"ready":true}'; cat > /dev/null`
  const bench = new PoolBench({ file: '/bin/sh', args: ['-c', script] })
  await vi.waitFor(() => expect(bench.log.texts('info')).toHaveLength(2))
  expect(bench.log.lines.map(({ text, fields }) => [text, fields])).toEqual([
    ['one', { worker: 1 }],
    [`${'x'.repeat(2000)}…`, { worker: 1 }]
  ])
  await bench.pool.close()
})
