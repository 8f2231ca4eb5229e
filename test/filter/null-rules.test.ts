import fc from 'fast-check'
import { expect, test } from 'vitest'
import { passes, value } from './sample.ts'

/** A value of the field `name`; its size in quarters where it is a number, so that all comparisons are of bigints. */
interface Field {
  readonly given: number | bigint | null | undefined
  readonly quarters: bigint | undefined
}

const field: fc.Arbitrary<Field> = fc.oneof(
  fc.constantFrom(null, undefined, Number.NaN).map((given) => ({ given, quarters: undefined })),
  fc.integer({ min: -6, max: 6 }).map((n) => ({ given: n / 4, quarters: BigInt(n) })),
  fc.bigInt({ min: 2n ** 62n, max: 2n ** 62n + 3n }).map((n) => ({ given: n, quarters: n * 4n })),
  fc.constant({ given: 2 ** 62, quarters: 2n ** 64n })
)

const OPERATORS: Record<string, (a: bigint, b: bigint) => boolean> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b
}

type Tree =
  | { readonly op: string; readonly sides: readonly ['a' | 'b', 'a' | 'b'] }
  | { readonly op: '== null' | '!= null'; readonly of: 'a' | 'b' }
  | { readonly not: Tree }
  | { readonly join: '&&' | '||'; readonly trees: readonly [Tree, Tree] }

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    fc.record({
      op: fc.constantFrom(...Object.keys(OPERATORS)),
      sides: fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('a', 'b'))
    }),
    fc.record({ op: fc.constantFrom('== null', '!= null'), of: fc.constantFrom('a', 'b') }),
    fc.record({ not: tie('tree') }),
    fc.record({ join: fc.constantFrom('&&', '||'), trees: fc.tuple(tie('tree'), tie('tree')) })
  )
}))

function write(node: Tree): string {
  if ('not' in node) return `!(${write(node.not)})`
  if ('join' in node) return `(${node.trees.map(write).join(` ${node.join} `)})`
  return 'of' in node ? `r.${node.of} ${node.op}` : `r.${node.sides[0]} ${node.op} r.${node.sides[1]}`
}

function expected(node: Tree, fields: Record<'a' | 'b', Field>): boolean {
  if ('not' in node) return !expected(node.not, fields)
  if ('join' in node) {
    const [left, right] = node.trees.map((inner) => expected(inner, fields))
    return node.join === '&&' ? left! && right! : left! || right!
  }
  if ('of' in node) return [null, undefined].includes(fields[node.of].given as null) === (node.op === '== null')
  const [a, b] = node.sides.map((side) => fields[side].quarters)
  return a !== undefined && b !== undefined && OPERATORS[node.op]!(a, b)
}

test('comparisons, their negations and combinations follow the rules for null, absent and NaN', () => {
  fc.assert(
    fc.property(tree, field, field, (node, a, b) => {
      const r = { ...(a.given !== undefined && { a: a.given }), ...(b.given !== undefined && { b: b.given }) }
      expect(passes(write(node), { r })).toBe(expected(node, { a, b }))
    }),
    { numRuns: 5000 }
  )
})

test('+ - * % of integers are exact over 64 bits, and go on as doubles beyond', () => {
  const exact: Record<string, (a: bigint, b: bigint) => bigint> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '%': (a, b) => a % b
  }
  const long = fc.oneof(
    ...[2n ** 63n - 1n, 2n ** 53n, 2n ** 32n, 5n].map((max) => fc.bigInt({ min: -max, max })),
    fc.bigInt({ min: 2n ** 53n - 5n, max: 2n ** 53n + 5n })
  )
  const asLong = (n: bigint) => (Number.isSafeInteger(Number(n)) ? Number(n) : n)
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(exact)), long, long, (op, a, b) => {
      fc.pre(op !== '%' || b !== 0n)
      const result = exact[op]!(a, b)
      const wanted = BigInt.asIntN(64, result) === result ? asLong(result) : Number(result)
      const got = value(`a ${op} b`, { a: asLong(a), b: asLong(b) })
      // -0 is 0.
      expect(got === 0 ? 0 : got).toBe(wanted)
    }),
    { numRuns: 3000 }
  )
})
