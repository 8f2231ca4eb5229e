import { UnsignedInt } from '@marcbachmann/cel-js/evaluator'
import { index, member, presence, variable } from './access.ts'
import { type ArithmeticOperator, arithmetic, arithmeticKind, negate } from './arithmetic.ts'
import { call } from './calls.ts'
import { type Code, type Compile, constant, expectBool, type Scope, truth } from './code.ts'
import { comparison } from './comparison.ts'
import { macro } from './macros.ts'
import { FilterSyntaxError, type Node } from './syntax.ts'
import { type Kind, kindOf, toLong } from './values.ts'

/**
 * Turns a syntax tree into one closure, with the rules for null, NaN and integers built in. cel-js' own evaluator has
 * other rules (it throws on null and on an int beside a double), and they can't be registered away.
 */
export const compile: Compile = (node, scope) => {
  switch (node.op) {
    case 'value':
      return literal(node.args)
    case 'id':
      return variable(node.args, node, scope)
    case '.':
      return member(node.args[0], node.args[1], node, scope, compile)
    case '[]':
      return index(node.args[0], node.args[1], node, scope, compile)
    case 'call': {
      const [name, args] = node.args
      if (name === 'has' && args.length === 1) return presence(args[0]!, scope, compile)
      return call({ name, args, isMethod: false, offset: node.start }, scope, compile)
    }
    case 'rcall': {
      const [name, receiver, args] = node.args
      const offset = node.input.indexOf(name, receiver.end)
      return (
        macro(node.args, scope, compile) ??
        call({ name, args: [receiver, ...args], isMethod: true, offset }, scope, compile)
      )
    }
    case 'list': {
      const items = node.args.map((item) => compile(item, scope))
      const known = items.flatMap((item) => (item.constant ? [item.constant.value] : []))
      if (known.length === items.length) return constant('list', known)
      return { kind: 'list', run: (frame) => items.map((item) => item.run(frame) ?? null) }
    }
    case 'map':
      return record(node.args, scope)
    case '?:':
      return choice(node.args, scope)
    case '&&':
    case '||':
      return logic(node.op, node.args, scope)
    case '!_': {
      const operand = expectBool(compile(node.args, scope), node.args, '!')
      return { kind: 'bool', run: (frame) => !truth(operand.run(frame), frame) }
    }
    case '-_':
      return minus(node.args, scope)
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmeticCode(node.op, node.args, scope)
    case '.?':
    case '[?]':
      throw new FilterSyntaxError('Optional fields are not needed: an absent field is null', node.start)
    default: {
      const [left, right] = node.args
      return comparison(node.op, node.args, compile(left, scope), compile(right, scope))
    }
  }
}

function literal(given: unknown): Code {
  const integer = given instanceof UnsignedInt ? given.value : given
  const value = typeof integer === 'bigint' ? toLong(integer) : integer
  // 2.0 is a double, though it runs as the same number as 2.
  return constant(typeof given === 'number' ? 'double' : kindOf(value), value)
}

function record(entries: readonly (readonly [Node, Node])[], scope: Scope): Code {
  const codes = entries.map(([key, value]) => {
    const name = compile(key, scope)
    if (name.kind !== 'string' && name.kind !== 'dyn') {
      throw new FilterSyntaxError(`A key is a string, not ${name.kind}`, key.start)
    }
    return [name, compile(value, scope)] as const
  })
  return {
    kind: 'map',
    run: (frame) => Object.fromEntries(codes.map(([key, value]) => [String(key.run(frame)), value.run(frame) ?? null]))
  }
}

function choice([condition, yes, no]: readonly [Node, Node, Node], scope: Scope): Code {
  const test = expectBool(compile(condition, scope), condition, 'The condition before ?')
  const left = compile(yes, scope)
  const right = compile(no, scope)
  return {
    kind: common(left.kind, right.kind),
    run: (frame) => (truth(test.run(frame), frame) ? left.run(frame) : right.run(frame))
  }
}

function common(a: Kind, b: Kind): Kind {
  if (a === b || b === 'null') return a
  return a === 'null' ? b : 'dyn'
}

function logic(op: '&&' | '||', [a, b]: readonly [Node, Node], scope: Scope): Code {
  const left = expectBool(compile(a, scope), a, op)
  const right = expectBool(compile(b, scope), b, op)
  return op === '&&'
    ? { kind: 'bool', run: (frame) => truth(left.run(frame), frame) && truth(right.run(frame), frame) }
    : { kind: 'bool', run: (frame) => truth(left.run(frame), frame) || truth(right.run(frame), frame) }
}

function minus(node: Node, scope: Scope): Code {
  const operand = compile(node, scope)
  if (!['int', 'double', 'dyn'].includes(operand.kind)) {
    throw new FilterSyntaxError(`-${operand.kind} is not defined`, node.start)
  }
  return operand.constant
    ? constant(operand.kind, negate(operand.constant.value))
    : { kind: operand.kind, run: (frame) => negate(operand.run(frame)) }
}

function arithmeticCode(op: ArithmeticOperator, [a, b]: readonly [Node, Node], scope: Scope): Code {
  const left = compile(a, scope)
  const right = compile(b, scope)
  const kind = arithmeticKind(op, left.kind, right.kind)
  if (kind === undefined) throw new FilterSyntaxError(`${left.kind} ${op} ${right.kind} is not defined`, a.start)
  const apply = arithmetic(op, kind === 'int')
  return { kind, run: (frame) => apply(left.run(frame), right.run(frame)) }
}
