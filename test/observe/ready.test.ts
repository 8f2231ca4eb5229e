import { expect, test } from 'vitest'
import { readiness } from '../../src/observe/ready.ts'

const stream = (state: string, reason?: string) => ({ state, reason })

test('what reads or has ended is ready', () => {
  const streams = { a: stream('reading'), b: stream('ended') }
  expect(readiness(streams, { out: undefined })).toEqual({ ready: true, reasons: [] })
})

test('it says what is amiss, and why', () => {
  const streams = {
    a: stream('waiting', 'stream a, broker.example:9092: connect ECONNREFUSED'),
    b: stream('failed', 'b: project night: the subscription is gone'),
    c: stream('connecting'),
    d: stream('reading')
  }
  expect(readiness(streams, { out: 'no leader', other: undefined })).toEqual({
    ready: false,
    reasons: [
      'stream a is waiting: broker.example:9092: connect ECONNREFUSED',
      'stream b is failed: project night: the subscription is gone',
      'stream c is connecting',
      'sink out is unavailable: no leader'
    ]
  })
})
