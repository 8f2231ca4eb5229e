import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FieldPaths } from '../../src/contract/alert.ts'
import { AlertStreamsError } from '../../src/contract/errors.ts'
import { compileExpression, compileFilter, FilterSyntaxError } from '../../src/filter/index.ts'
import { message } from './sample.ts'

/** What the least generous codec may leave of a payload. */
function cut(value: unknown, paths: FieldPaths): unknown {
  if (paths.some((path) => path.length === 0)) return value
  if (Array.isArray(value)) return value.map((item) => cut(item, paths))
  if (typeof value !== 'object' || value === null) return value
  const left: Record<string, unknown> = {}
  for (const [name, inner] of Object.entries(value)) {
    const below = paths.filter((path) => path[0] === name).map((path) => path.slice(1))
    if (below.length > 0) left[name] = cut(inner, below)
  }
  return left
}

const number = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0.5, 1.5, 2982177112815010003n, 2982177112815010004n)
)
const gap = fc.constantFrom(null, Number.NaN)
const scalar = fc.oneof({ weight: 4, arbitrary: number }, gap, fc.constantFrom('a', 'ab', true, false))
const leaf = fc.oneof({ weight: 8, arbitrary: scalar }, fc.constant({ x: 1 }))
const inner = fc.record({ x: leaf, y: leaf, z: leaf }, { requiredKeys: [] })
const item = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ x: leaf, y: leaf, sub: inner, l: fc.array(inner, { maxLength: 2 }) }, { requiredKeys: [] })
  },
  gap
)
const payloads = fc.record(
  {
    a: leaf,
    b: leaf,
    r: fc.oneof({ weight: 6, arbitrary: item }, leaf),
    l: fc.oneof({ weight: 6, arbitrary: fc.array(item, { maxLength: 3 }) }, leaf),
    n: fc.array(scalar, { maxLength: 3 })
  },
  { requiredKeys: [] }
)

const roots = ['a', 'b', 'r', 'l', 'n', 'payload', 'absent']
const names = ['x', 'y', 'z', 'sub', 'l', 'r', 'a']

/** Sources by what they should give; `vars` are macro variables in reach. */
function grammar(depth: number, vars: readonly string[]): Record<'bool' | 'number' | 'any', fc.Arbitrary<string>> {
  const root = fc.constantFrom(...roots, ...vars, ...vars, ...vars)
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...names).map((name) => `.${name}`) },
    fc.constantFrom('["x"]', '[0]', '[1]', '[a]')
  )
  const path = fc.tuple(root, fc.array(step, { maxLength: 2 })).map(([start, steps]) => start + steps.join(''))
  const literal = fc.constantFrom('0', '1', '2', '0.5', '2982177112815010003')
  const text = fc.constantFrom('"a"', '"x"')
  const number = fc.oneof(path, literal)
  const simple = fc.oneof(
    fc.tuple(number, fc.constantFrom('<', '<=', '>', '>=', '==', '!='), number).map((parts) => parts.join(' ')),
    fc.tuple(path, fc.constantFrom('==', '!=')).map(([left, op]) => `${left} ${op} null`),
    path.map((left) => `has(${left})`),
    path
  )
  if (depth === 0) return { bool: simple, number, any: fc.oneof(path, literal, text) }

  const smaller = grammar(depth - 1, vars)
  const name = `v${vars.length}`
  const body = grammar(depth - 1, [...vars, name])
  const picked = fc.tuple(smaller.bool, path, path).map(([test, yes, no]) => `(${test} ? ${yes} : ${no})`)
  const kept = fc.tuple(path, body.bool).map(([list, test]) => `${list}.filter(${name}, ${test})`)
  const mapped = fc.tuple(path, body.any).map(([list, transform]) => `${list}.map(${name}, ${transform})`)
  const any = fc.oneof(path, picked, kept, mapped, smaller.any, fc.constant('msg.topic'))
  return {
    any,
    number: fc.oneof(
      smaller.number,
      fc
        .tuple(smaller.number, fc.constantFrom('+', '-', '*', '/'), smaller.number)
        .map((parts) => `(${parts.join(' ')})`),
      any.map((list) => `size(${list})`),
      fc.tuple(any, fc.constantFrom(...names)).map(([record, field]) => `${record}.${field}`),
      any.map((list) => `${list}[0].x`)
    ),
    bool: fc.oneof(
      simple,
      fc.tuple(smaller.bool, fc.constantFrom('&&', '||'), smaller.bool).map((parts) => `(${parts.join(' ')})`),
      smaller.bool.map((operand) => `!(${operand})`),
      fc
        .tuple(any, fc.constantFrom('exists', 'all', 'exists_one'), body.bool)
        .map(([list, macro, test]) => `${list}.${macro}(${name}, ${test})`),
      fc.tuple(smaller.number, any).map(([value, list]) => `${value} in ${list}`),
      fc.tuple(any, any).map((sides) => sides.join(' == ')),
      fc.tuple(smaller.number, fc.constantFrom('<', '!='), smaller.number).map((parts) => parts.join(' '))
    )
  }
}

function outcome(evaluate: () => unknown): unknown {
  try {
    return { value: evaluate() }
  } catch (error) {
    if (error instanceof AlertStreamsError) return error.code
    throw error
  }
}

/** Skips what is refused at start, `size(1)` for example. */
function compiled<T>(compile: () => T): T {
  try {
    return compile()
  } catch (error) {
    if (error instanceof FilterSyntaxError) fc.pre(false)
    throw error
  }
}

test('the verdict over the fields that a filter reads is the verdict over the whole payload', () => {
  const seen = { passed: 0, refused: 0, failed: 0, projected: 0 }
  fc.assert(
    fc.property(grammar(2, []).bool, payloads, (source, payload) => {
      const [whole, part] = [compiled(() => compileFilter(source)), compileFilter(source)]
      const left = whole.fields ? cut(payload, whole.fields) : payload
      const verdict = outcome(() => whole.passes(payload, message, 's'))
      expect(outcome(() => part.passes(left, message, 's'))).toEqual(verdict)
      expect(part.nulls).toBe(whole.nulls)
      if (whole.fields) seen.projected++
      if (verdict === 'FILTER_FAILED') seen.failed++
      else if ((verdict as { value: boolean }).value) seen.passed++
      else seen.refused++
    }),
    { numRuns: 5000 }
  )
  // Else the property would hold for the wrong reason.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(300)
})

test('the value of an expression over its fields is its value over the whole payload', () => {
  fc.assert(
    fc.property(grammar(2, []).any, payloads, (source, payload) => {
      const expression = compiled(() => compileExpression(source))
      const left = expression.fields ? cut(payload, expression.fields) : payload
      const value = outcome(() => expression.value(payload, message, 's'))
      expect(outcome(() => expression.value(left, message, 's'))).toEqual(value)
    }),
    { numRuns: 2000 }
  )
})

test('no path lies below another or appears twice', () => {
  fc.assert(
    fc.property(grammar(2, []).bool, (source) => {
      const fields = compiled(() => compileFilter(source)).fields ?? []
      const texts = fields.map((path) => `${path.join('.')}.`)
      for (const [i, text] of texts.entries()) {
        expect(texts.filter((other, j) => i !== j && text.startsWith(other))).toEqual([])
      }
    }),
    { numRuns: 1000 }
  )
})
