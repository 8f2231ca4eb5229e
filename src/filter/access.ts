import type { Code, Compile, Scope } from './code.ts'
import { messageFields, messageRecord } from './message.ts'
import { FilterSyntaxError, type Node } from './syntax.ts'
import { isMissing, isRecord, kindOf } from './values.ts'

/** A macro's variable, `payload`, `msg`, else a field of the payload. */
export function variable(name: string, node: Node, scope: Scope): Code {
  const slot = scope.slots.get(name)
  if (slot !== undefined) return { kind: 'dyn', run: (frame) => frame.locals[slot] }
  if (name === 'payload') return { kind: 'dyn', run: (frame) => frame.payload }
  if (name === 'msg') return { kind: 'map', run: (frame) => messageRecord(frame.message, frame.stream) }
  const meant = /^(true|false|null|none)$/i.exec(name)?.[0].toLowerCase().replace('none', 'null')
  if (meant) throw new FilterSyntaxError(`${name} is not known`, node.start, `Write ${meant}.`)
  return { kind: 'dyn', run: (frame) => (Object.hasOwn(frame.record, name) ? frame.record[name] : undefined) }
}

export function member(from: Node, name: string, node: Node, scope: Scope, compile: Compile): Code {
  if (isMessage(from, scope)) return messageField(name, node)
  const left = compile(from, scope)
  if (left.kind !== 'dyn' && left.kind !== 'map') {
    throw new FilterSyntaxError(`${left.kind} has no fields`, node.pos)
  }
  return { kind: 'dyn', run: (frame) => field(left.run(frame), name) }
}

function isMessage(node: Node, scope: Scope): boolean {
  return node.op === 'id' && node.args === 'msg' && !scope.slots.has('msg')
}

function messageField(name: string, node: Node): Code {
  const known = Object.hasOwn(messageFields, name) ? messageFields[name] : undefined
  if (known) return { kind: known.kind, run: (frame) => known.read(frame.message, frame.stream) }
  throw new FilterSyntaxError(
    `msg has no field ${name}`,
    node.pos,
    `Write one of ${Object.keys(messageFields).join(', ')}.`
  )
}

/** Null and absent have only absent fields. */
function field(value: unknown, name: string): unknown {
  if (isRecord(value)) return Object.hasOwn(value, name) ? value[name] : undefined
  if (value === null || value === undefined) return undefined
  throw new TypeError(`${kindOf(value)} has no field ${name}`)
}

/** `list[0]`, `record["name"]`; an index beyond the end is absent. */
export function index(from: Node, by: Node, node: Node, scope: Scope, compile: Compile): Code {
  if (by.op === 'value' && typeof by.args === 'string') return member(from, by.args, node, scope, compile)
  const left = compile(from, scope)
  const key = compile(by, scope)
  if (!['dyn', 'map', 'list'].includes(left.kind)) {
    throw new FilterSyntaxError(`${left.kind} has no items`, node.pos)
  }
  if (!['dyn', 'int', 'string'].includes(key.kind) || (left.kind === 'list' && key.kind === 'string')) {
    throw new FilterSyntaxError(`${key.kind} is no index of ${left.kind}`, by.start)
  }
  return { kind: 'dyn', run: (frame) => item(left.run(frame), key.run(frame)) }
}

function item(value: unknown, key: unknown): unknown {
  if (isMissing(value) || isMissing(key)) return undefined
  if (typeof key === 'string') return field(value, key)
  if (Array.isArray(value) && kindOf(key) === 'int') return value[Number(key)]
  throw new TypeError(`${kindOf(key)} is no index of ${kindOf(value)}`)
}

/** `has(x)`: whether a field is there, null included. */
export function presence(node: Node, scope: Scope, compile: Compile): Code {
  if (node.op === 'id' && !scope.slots.has(node.args) && node.args !== 'msg' && node.args !== 'payload') {
    const name = node.args
    return { kind: 'bool', run: (frame) => Object.hasOwn(frame.record, name) && frame.record[name] !== undefined }
  }
  if (node.op !== 'id' && node.op !== '.' && node.op !== '[]') {
    throw new FilterSyntaxError('has() needs a field', node.start, 'Write has(candidate.drb), for example.')
  }
  const value = compile(node, scope)
  return { kind: 'bool', run: (frame) => value.run(frame) !== undefined }
}
