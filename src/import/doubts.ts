import type { Names } from './names.ts'
import { childrenOf, itemsOf, nodesWithin, type Source, type SyntaxNode, splitAt } from './syntax.ts'
import { unknown } from './value.ts'

/**
 * What statements that are not executed (a condition, a loop, a call) may change is not known after them. Lists and
 * dicts that they may change in place, and the `kept` names, keep their value and remember the line.
 */
export function doubt(node: SyntaxNode, source: Source, names: Names, kept: readonly string[]): void {
  for (const inner of nodesWithin(node)) {
    if (inner.name === 'AssignStatement')
      for (const target of splitAt(childrenOf(inner), 'AssignOp').slice(0, -1).flat()) doubtTarget(target, false)
    else if (inner.name === 'UpdateStatement') doubtTarget(inner.firstChild!, true)
    else if (inner.name === 'ForStatement') for (const part of childrenOf(inner)) mark(part, true)
    else if (inner.name === 'CallExpression') {
      const [callee, list] = childrenOf(inner)
      mark(callee!, false)
      for (const item of list ? itemsOf(list) : []) mark(item.at(-1)!, true)
    }
  }

  function doubtTarget(target: SyntaxNode, inPlace: boolean): void {
    if (mark(target, inPlace) || target.name !== 'VariableName') return
    const name = source.textOf(target)
    if (kept.includes(name) && mark(target, true)) return
    const line = source.lineOf(target)
    names.set(name, unknown(line, `it is set where it depends on a condition (line ${line})`))
  }

  /** Marks the list or dict at the root of `a[0].b`, that of a bare name only where it is used in place. */
  function mark(node: SyntaxNode, bare: boolean): boolean {
    let root = node
    while (root.name === 'MemberExpression') root = root.firstChild!
    if (root.name !== 'VariableName' || (root === node && !bare)) return false
    const holder = names.get(source.textOf(root))
    if (holder?.kind !== 'list' && holder?.kind !== 'dict') return false
    holder.doubts.push(source.lineOf(node))
    return true
  }
}
