import { expect, test } from 'vitest'
import { compileExpression, compileFilter, FilterSyntaxError } from '../../src/filter/index.ts'

function problem(compile: () => unknown): FilterSyntaxError {
  try {
    compile()
  } catch (error) {
    if (error instanceof FilterSyntaxError) return error
    throw error
  }
  throw new Error('it compiled')
}

test.each([
  ['', 0, 'empty'],
  ['  // nothing\n ', 0, 'empty'],
  ['candidate.drb >', 15, 'too early'],
  ['candidate.drb > 0.8 &&', 22, 'too early'],
  ['(candidate.drb > 0.8', 20, 'too early'],
  ['candidate.drb = 0.8', 14, '='],
  ['a > 1 && "unclosed', 9, 'Unterminated'],
  ['a > 1 && $b', 9, '$'],
  ['"a" < 3', 0, 'string < int'],
  ['x > 1 && "a" < 3', 9, 'string < int'],
  ['"a" == 3', 0, 'string == int'],
  ['1 + "a" == 2', 0, 'int + string'],
  ['x - "a" == 2', 0, 'dyn - string'],
  ['x < [1]', 0, 'dyn < list'],
  ['x < null', 0, 'dyn < null'],
  ['x in 3', 0, 'dyn in int'],
  ['-"a" == 2', 1, '-string'],
  ['a > 1 && magnitude(b) > 2', 9, 'no function magnitude()'],
  ['a > 1 && b.startWith("a")', 11, 'no method startWith()'],
  ['startsWith(a, "b")', 0, 'no function startsWith()'],
  ['size(a, b) > 1', 0, 'size() does not take (dyn, dyn)'],
  ['size(3) > 1', 0, 'size() does not take (int)'],
  ['a.startsWith(3)', 2, 'startsWith() does not take (dyn, int)'],
  ['a.matches("[")', 10, 'egular expression'],
  ['a > timestamp("yesterday")', 4, 'timestamp()'],
  ['msg.topik == "a"', 4, 'msg has no field topik'],
  ['msg.size > "a"', 0, 'int > string'],
  ['msg.topic.x == 1', 10, 'string has no fields'],
  ['a && 1', 5, 'needs a bool, not int'],
  ['"a" || b', 0, 'needs a bool, not string'],
  ['!3', 1, 'needs a bool, not int'],
  ['1 ? a : b', 0, 'needs a bool, not int'],
  ['a.exists(p, 3)', 12, 'exists() needs a bool, not int'],
  ['a.exists(p.x, true)', 11, 'exists(var, predicate)'],
  ['a.exists(p)', 2, 'exists() needs a variable'],
  ['"abc".exists(p, true)', 0, 'exists() goes over a list'],
  ['has(3)', 4, 'has() needs a field'],
  ['has(a.b, c)', 0, 'has() takes one field'],
  ['a == True', 5, 'True is not known']
])('%s: at %i, %s', (source, offset, reason) => {
  const error = problem(() => compileExpression(source))
  expect(error.message).toContain(reason)
  expect(error.message).not.toContain('\n')
  expect(error.offset).toBe(offset)
})

test.each([
  ['"abc"', 'string'],
  ['1 + 2', 'int'],
  ['size(a)', 'int'],
  ['null', 'null'],
  ['a.map(p, p.x)', 'list'],
  ['a > 1 ? 2 : 3', 'int']
])('a filter is a bool: %s', (source, kind) => {
  const error = problem(() => compileFilter(source))
  expect([error.offset, error.message]).toEqual([0, `A filter needs a bool, not ${kind}`])
  expect(compileExpression(source).source).toBe(source)
})

test.each(['candidate.magpsf + 1', 'flag', 'a.b[0]', 'a ? b : c', 'dyn(1)', 'a.contains("b")', 'x == 1 ? true : null'])(
  'what may be a bool compiles: %s',
  (source) => {
    expect(compileFilter(source).source).toBe(source)
  }
)

test.each([
  ['a > 1 and b > 2', 'Write && for "and".', 6],
  ['a > 1 OR b > 2', 'Write || for "or".', 6],
  ['a = 1', 'Write == to compare.', 2],
  ['a == None', 'Write null.', 5],
  ['a not in b', 'Write !(...) for "not".', 2],
  ['loop > 1', 'Write payload.loop.', 0],
  ['startsWith(a, "b")', 'Write x.startsWith(...).', 0]
])('a remedy for %s', (source, remedy, offset) => {
  const error = problem(() => compileFilter(source))
  expect([error.remedy, error.offset]).toEqual([remedy, offset])
})
