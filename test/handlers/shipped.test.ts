import { expect, test } from 'vitest'
import heartbeat from '../../handlers/heartbeat.ts'
import log from '../../handlers/log.ts'
import payload from '../../handlers/payload.ts'
import republish from '../../handlers/republish.ts'
import type { Alert, HandlerContext } from '../../src/index.ts'
import { RecordingLog } from '../contract/log.ts'
import { sourceOf } from '../contract/sink-bench.ts'

function alertOf<Payload>(payload: Payload, over: Partial<Alert> = {}): Alert<Payload> {
  const { message } = sourceOf({ topic: 'a.topic', ...over })
  return { ...message, stream: over.stream ?? 'a-stream', header: () => undefined, payload: () => payload }
}

function contextOf(options: Readonly<Record<string, unknown>> = {}) {
  const log = new RecordingLog()
  return { log, context: { options, log, signal: new AbortController().signal } satisfies HandlerContext }
}

test('republish gives the alert back', () => {
  const alert = alertOf({})
  expect(republish(alert, contextOf().context)).toBe(alert)
})

test('payload gives what was decoded, under the same key and headers', () => {
  const [key, value] = [Buffer.from('k'), { candid: 2982177112815010003n }]
  const headers = [['a', Buffer.from('1')]] as const
  expect(payload(alertOf(value, { key, headers }), contextOf().context)).toEqual({ key, headers, value })
})

test('log writes the uuid and the beginning of the payload, no cut-outs, ids with all digits', async () => {
  const { log: recorded, context } = contextOf({ LENGTH: 90 })
  const id = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
  const payload = { candid: 2982177112815010003n, stamp: Buffer.alloc(5000), text: 'x'.repeat(1000) }
  await log(alertOf(payload, { headers: [['_id', id]] }), context)
  expect(recorded.lines).toMatchObject([
    {
      fields: { uuid: '00112233-4455-6677-8899-aabbccddeeff' },
      text: expect.stringMatching(
        /^a\.topic: \{"candid":"2982177112815010003","stamp":"<5000 bytes>","text":"x+\.\.\.$/
      )
    }
  ])
  await log(alertOf(undefined), context)
  expect(recorded.texts('info')[1]).toBe('a.topic: nothing')
})

test('heartbeat logs one in EVERY and warns of those that are missing, feed by feed', async () => {
  const { log: recorded, context } = contextOf({ EVERY: 10 })
  const beat = (count: number, stream: string) =>
    heartbeat(alertOf({ timestamp: 1_707_523_200_123_456, count }, { stream }), context)
  for (let count = 5; count <= 25; count++) await beat(count, 'one')
  await beat(7, 'two')
  await beat(29, 'one')
  await beat(29, 'one')
  await beat(1, 'one')
  expect(recorded.texts('info')).toEqual([
    'heartbeat 10 of 2024-02-10T00:00:00.123Z',
    'heartbeat 20 of 2024-02-10T00:00:00.123Z'
  ])
  expect(recorded.texts('warn')).toEqual(['3 heartbeats are missing before 29'])
})

test('heartbeat says so when it is given something else', async () => {
  const { context } = contextOf()
  const alert = alertOf({ timestamp: 0, count: Number.NaN })
  await expect(async () => heartbeat(alert, context)).rejects.toThrow('without a count')
})
