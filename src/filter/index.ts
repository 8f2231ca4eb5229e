import type { Message } from '../contract/alert.ts'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import type { Expression, Filter } from '../contract/filter.ts'
import { expectBool, type Frame, truth } from './code.ts'
import { compile } from './compile.ts'
import { readFields } from './fields.ts'
import { parse } from './syntax.ts'
import { type CelRecord, isRecord } from './values.ts'

export { FilterSyntaxError } from './syntax.ts'

const NO_FIELDS: CelRecord = {}
const OUTERMOST = { slots: new Map<string, number>(), depth: 0 }

/** A CEL expression for KEY, ORDER_BY and the like; null where it is null or absent. Throws `FilterSyntaxError`. */
export function compileExpression(source: string): Expression {
  const node = parse(source)
  const code = compile(node, OUTERMOST)
  return {
    source,
    fields: readFields(node),
    value: (payload, message, stream) => guarded(source, () => code.run(frameOf(payload, message, stream)) ?? null)
  }
}

/** A CEL expression that gives a verdict; one that surely gives anything but a bool is refused. */
export function compileFilter(source: string): Filter {
  const node = parse(source)
  const code = expectBool(compile(node, OUTERMOST), node, 'A filter')
  let nulls = 0

  function evaluate<T>(payload: unknown, message: Message, stream: string, take: (frame: Frame) => T): T {
    const frame = frameOf(payload, message, stream)
    try {
      return guarded(source, () => take(frame))
    } finally {
      nulls += frame.nulls
    }
  }

  return {
    source,
    fields: readFields(node),
    value: (payload, message, stream) => evaluate(payload, message, stream, (frame) => code.run(frame) ?? null),
    passes: (payload, message, stream) => evaluate(payload, message, stream, (frame) => truth(code.run(frame), frame)),
    get nulls() {
      return nulls
    }
  }
}

function frameOf(payload: unknown, message: Message, stream: string): Frame {
  return { payload, record: isRecord(payload) ? payload : NO_FIELDS, message, stream, locals: [], nulls: 0 }
}

function guarded<T>(source: string, evaluate: () => T): T {
  try {
    return evaluate()
  } catch (error) {
    const reason = reasonOf(error).split('\n')[0]
    throw new AlertStreamsError('FILTER_FAILED', `The expression ${source} failed: ${reason}`, {
      cause: error,
      remedy: 'Check the types of the fields that it reads.'
    })
  }
}
