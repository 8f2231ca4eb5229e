import type { Expression, Filter } from '../contract/filter.ts'
import { compileExpression, compileFilter, FilterSyntaxError } from '../filter/index.ts'
import type { Scope } from './scope.ts'
import { type Entry, placeWithin } from './tree.ts'

export function readFilter(entry: Entry | undefined, scope: Scope): Filter | undefined {
  return compiled(entry, compileFilter, scope)
}

export function readExpression(entry: Entry | undefined, scope: Scope): Expression | undefined {
  return compiled(entry, compileExpression, scope)
}

const EXAMPLES: Readonly<Record<string, string>> = {
  FILTER: 'it is a CEL expression, as in  candidate.drb > 0.8 && candidate.magpsf < 19.0',
  KEY: 'it is a CEL expression, as in  objectId',
  ORDER_BY: 'it is a CEL expression, as in  objectId, or the word none'
}

/** Compiles a CEL text; a fault in it is reported at its character. */
function compiled<T>(entry: Entry | undefined, compile: (source: string) => T, { report }: Scope): T | undefined {
  if (entry?.node.kind !== 'scalar' || entry.node.value === null) return undefined
  const { node, key } = entry
  const source = typeof node.value === 'string' ? node.value : node.written
  try {
    return compile(source)
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error
    const place = placeWithin(node, source, Math.min(error.offset, source.length))
    report.problem(place, `${key}: ${error.message}`, error.remedy ?? EXAMPLES[key])
    return undefined
  }
}
