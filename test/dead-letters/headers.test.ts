import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Headers } from '../../src/contract/alert.ts'
import type { Failure, Source } from '../../src/contract/sink.ts'
import { failureHeaders, fitting, toldBy } from '../../src/kafka/dead-letter-headers.ts'
import { messageOf } from '../fakes/message.ts'

const text = fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' })
const own: fc.Arbitrary<Headers> = fc.array(
  fc.tuple<[string, Uint8Array | null]>(
    fc.oneof(text, fc.constantFrom('a', '_format', 'alertstreams-other')),
    fc.option(fc.uint8Array({ maxLength: 9 }))
  ),
  { maxLength: 4 }
)
const failure: fc.Arbitrary<Failure> = fc.record({
  code: fc.constantFrom('HANDLER_FAILED', 'DECODE_FAILED'),
  reason: text,
  stack: fc.option(text, { nil: undefined }),
  attempts: fc.integer({ min: 1, max: 9 })
})
const source: fc.Arbitrary<Source> = fc.record({
  message: fc.nat().map((number) => messageOf(number)),
  stream: text,
  route: fc.option(text, { nil: undefined }),
  payload: fc.constant(() => undefined)
})
const size = (headers: Headers) => headers.reduce((sum, [name, value]) => sum + name.length + value!.length + 10, 0)

test('what is added to the headers of a dead letter is told from its own, also when it is one again', () => {
  fc.assert(
    fc.property(own, source, failure, failure, fc.nat(600), (own, source, first, second, room) => {
      const once = [...own, ...fitting(failureHeaders(source, first), room)]
      const added = failureHeaders(source, second)
      const told = toldBy([...once, ...added])
      expect(told?.own).toEqual(once)
      expect(told?.facts).toMatchObject({ code: second.code, stream: source.stream, reason: second.reason })
      expect(Object.keys(told!.facts)).toHaveLength(added.length)
    })
  )
  expect(toldBy([['a', null]])).toBeUndefined()
  expect(toldBy([['alertstreams-reason', Buffer.from('of somebody else')]])).toBeUndefined()
})

test('as many as fit are kept, and in any case what a retry needs', () => {
  fc.assert(
    fc.property(source, failure, fc.integer({ min: -50, max: 600 }), (source, failure, room) => {
      const all = failureHeaders(source, failure)
      const kept = fitting(all, room)
      expect(kept).toEqual(all.slice(0, kept.length))
      expect(kept.length).toBeGreaterThanOrEqual(3)
      if (kept.length > 3) expect(size(kept)).toBeLessThanOrEqual(room)
      if (kept.length < all.length) expect(size(all.slice(0, kept.length + 1))).toBeGreaterThan(room)
    })
  )
})
