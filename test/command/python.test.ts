import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import type { AlertStreamsError } from '../../src/contract/errors.ts'
import type { Outgoing } from '../../src/contract/sink.ts'
import { StreamAlert } from '../../src/pipeline/alert.ts'
import { messageOf } from '../fakes/message.ts'
import { isAlive, PoolBench } from './pool-bench.ts'
import { describePython } from './python.ts'

const programs = join(import.meta.dirname, 'programs')
const python = (...args: readonly string[]) => new PoolBench({ file: '/usr/bin/env', args: ['python3', ...args] })
const ways = () => python('-m', 'alertstreams', 'programs/many-ways.py', 'an argument')

const alertOf = (way: string, text = `{"way":"${way}","id":2982166034333010001}`) =>
  new StreamAlert(
    messageOf(5, {
      bytes: Buffer.from(text),
      key: Buffer.from([0xff]),
      headers: [
        ['a', Buffer.from('b')],
        ['a', null]
      ],
      publishedAt: new Date(0)
    }),
    'night',
    codecOf('json'),
    undefined
  )

describePython('handlers in Python', () => {
  test('return what is published', async () => {
    await using bench = ways()
    const results: [string, readonly unknown[]][] = [
      ['nothing', []],
      ['dict', [{ value: { id: 2982166034333010001n } }]],
      ['text', [{ value: 'Grüße' }]],
      ['bytes', [{ value: Buffer.from([0, 255]) }]],
      [
        'publish',
        [
          {
            value: { a: 1 },
            key: Buffer.from([255]),
            topic: 't',
            sink: 's',
            partition: 3,
            headers: [
              ['h', 'text'],
              ['n', null],
              ['b', Buffer.from([254])]
            ]
          }
        ]
      ],
      [
        'pairs',
        [
          {
            value: null,
            key: 'k',
            headers: [
              ['h', '1'],
              ['h', '2']
            ]
          }
        ]
      ],
      ['numpy', [{ value: { array: [1.5, Number.NaN], at: '2025-03-02' } }]],
      ['stdin', [{ value: true }]]
    ]
    for (const [way, result] of results) expect(await bench.handle(alertOf(way)), way).toEqual(result)
    const alert = alertOf('republish')
    expect(await bench.handle(alert)).toEqual([alert])
    const list = alertOf('list')
    expect(await bench.handle(list)).toEqual([{ value: 1 }, { value: [2, 3] }, list])
    expect(bench.log.texts('info')).toContain("loaded ['programs/many-ways.py', 'an argument'] programs")
  })

  test('are given numbers as they are, and give them back', async () => {
    await using bench = ways()
    const values = '[9223372036854775807,-9223372036854775808,9007199254740993,1e+20,0.1,NaN,Infinity,-Infinity]'
    const [only] = (await bench.handle(alertOf('nan', `{"way":"nan","values":{"v":${values}}}`))) as readonly Outgoing[]
    expect(only).toEqual({
      value: { v: [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, 1e20, 0.1, Number.NaN, Infinity, -Infinity] }
    })
  })

  test('know their message and options', async () => {
    await using bench = ways()
    // The key is no text, and cannot be given back as JSON but as base64.
    expect(await bench.handle(alertOf('context'), { limit: 19 })).toEqual([
      {
        value: {
          options: { limit: 19 },
          stream: 'night',
          topic: 'alerts',
          id: 'alerts/0/5',
          partition: 0,
          offset: '5',
          key: '/w==',
          headers: [
            ['a', 'b'],
            ['a', null]
          ],
          published_at: '1970-01-01T00:00:00.000Z'
        }
      }
    ])
  })

  test('fail with the exception as reason and its traceback as stack, and go on', async () => {
    await using bench = ways()
    const fail = (way: string) => bench.handle(alertOf(way)).then(String, (error: AlertStreamsError) => error)
    const [pid] = (await bench.handle(alertOf('pid'))) as readonly Outgoing[]
    const name = 'handler node obedient.mjs'
    expect(await fail('raise')).toMatchObject({
      code: 'HANDLER_FAILED',
      message: `${name}: KeyError: 'redshift'`,
      stack: expect.stringMatching(/^Traceback.*many-ways\.py", line \d+.*KeyError: 'redshift'\n$/s)
    })
    expect(await fail('quantity')).toMatchObject({
      message: expect.stringMatching(/TypeError: Quantity has no JSON: return/)
    })
    expect(await bench.handle(alertOf('pid'))).toEqual([pid])
  })

  test('may print, in all ways', async () => {
    await using bench = ways()
    expect(await bench.handle(alertOf('prints'))).toEqual([])
    await bench.handle(alertOf('log'))
    await vi.waitFor(() => expect(bench.log.texts('info')).toContain('INFO alertstreams: for alerts/0/5'))
    for (const way of ['by print', 'by its number', 'by a child', 'by stderr'])
      expect(bench.log.texts('info')).toContain(way)
    expect(bench.log.texts('info').join()).toMatch(/many-ways.py:\d+: UserWarning: by a warning/)
  })

  test.for([
    ['nothing = 1\n', /has no function handle\(alert\)$/],
    ['import sncosmo_is_not_here\n', /ModuleNotFoundError: No module named 'sncosmo_is_not_here'$/]
  ] as const)('of a script that is none are told: %j', async ([text, reason]) => {
    const script = join(mkdtempSync(join(tmpdir(), 'python-')), 'fit.py')
    writeFileSync(script, text)
    await using bench = python('-m', 'alertstreams', script)
    await vi.waitFor(() => expect(bench.waits.at(-1)).toMatch(reason), 10_000)
  })

  test('may take the alert alone, and be any callable', async () => {
    for (const handler of [
      'def handle(alert): return alert["id"]',
      'import operator; handle = operator.itemgetter("id")',
      'def handle(alert, verbose=False, *others): return alert["id"] if verbose is False else None'
    ]) {
      const script = join(mkdtempSync(join(tmpdir(), 'python-')), 'fit.py')
      writeFileSync(script, `${handler}\n`)
      await using bench = python('-m', 'alertstreams', script)
      expect(await bench.handle(alertOf(''))).toEqual([{ value: 2982166034333010001n }])
    }
  })

  test('end when the program that asks them is killed, at work or not', { timeout: 30_000 }, async () => {
    const parent = spawn(process.execPath, [join(programs, 'killed-parent.ts')], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    const [pids] = (await once(parent.stdout, 'data')) as [Buffer]
    const [idle, busy] = pids.toString().split(' ').map(Number)
    expect([isAlive(idle!), isAlive(busy!)]).toEqual([true, true])
    parent.kill('SIGKILL')
    await vi.waitFor(() => expect([isAlive(idle!), isAlive(busy!)]).toEqual([false, false]), 10_000)
  })
})

test('the module needs nothing but Python itself', () => {
  const standard =
    'base64|dataclasses|datetime|faulthandler|importlib|inspect|json|logging|os|sys|threading|time|traceback|typing'
  const folder = join(import.meta.dirname, '../../handlers/python/alertstreams')
  for (const name of ['__init__', '__main__', 'context', 'results', 'worker']) {
    const text = readFileSync(join(folder, `${name}.py`), 'utf8')
    for (const [, module] of text.matchAll(/^(?:from|import) (\S+)/gm))
      expect(module, name).toMatch(new RegExp(`^(\\.\\w*|__future__|(${standard})(\\.\\w+)?)$`))
  }
})
