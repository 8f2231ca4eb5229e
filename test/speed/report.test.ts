import { expect, test } from 'vitest'
import { measure, spreadOf } from './measure.ts'
import { report } from './report.ts'

const samples = (...rates: readonly number[]) => rates.map((packets) => ({ packets, seconds: 1, cpu: 0.5 }))
const versions = { python: '3', fastavro: '1', candids: [] }

test('rounds are compared one by one, and what falls short is named', () => {
  const rows = [
    { title: 'fastavro', samples: samples(100, 200, 400) },
    { title: 'fast', samples: samples(800, 2000, 3600), wanted: 8 },
    { title: 'slow', samples: samples(700, 1400, 2800), wanted: 8 }
  ]
  const { text, missed } = report({ rows, versions, packets: ['a'], real: false })
  expect(text).toContain('| fast | 2,000 (800 to 3,600) | 9.0 (8.0 to 10.0) | 9.0 | at least 8 |')
  expect(missed).toEqual(['slow: 7.0 times fastavro, and 8 are wanted'])
})

test('an even number of values has its middle between two', () => {
  expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, least: 1, most: 4 })
})

test('calls are counted for as long as was asked', () => {
  let calls = 0
  const { packets, seconds, cpu } = measure(() => ++calls, ['a', 'b'], 0.05)
  expect(packets).toBe(calls)
  expect(seconds).toBeGreaterThanOrEqual(0.05)
  expect(cpu).toBeGreaterThan(0)
})
