import { expect, test } from 'vitest'
import { headers, rate } from '../../src/webhook/options.ts'

const [headerField, rateField] = [headers('headers'), rate('rate')]

test('headers are a map, or lines of a file', () => {
  const bearer = { Authorization: 'Bearer a:b' }
  expect(headerField.read(bearer)).toEqual({ value: bearer })
  expect(headerField.read('Authorization: Bearer a:b\n\nX-One:1\n')).toEqual({ value: { ...bearer, 'X-One': '1' } })
})

test.for([[['a']], [{ 'no name': 'x' }], [{ A: 'canary\r\nB: c' }], [{ A: 1 }], ['canary without a colon'], [7]])(
  'headers %j are a problem, told without their values',
  ([value]) => {
    const read = headerField.read(value)
    expect(read).toEqual({ problem: expect.stringMatching(/\S/) })
    expect(JSON.stringify(read)).not.toContain('canary')
  }
)

test.for([
  ['1/s', 1000],
  ['20/min', 3000],
  ['0.5 / second', 2000],
  ['100/h', 36_000]
] as const)('the rate %s is one in %i ms', ([text, value]) => {
  expect(rateField.read(text)).toEqual({ value })
})

test.for(['0/s', '1', 'fast', '1/day', 3])('the rate %s is a problem', (value) => {
  expect(rateField.read(value)).toEqual({ problem: expect.stringContaining('20/min') })
})
