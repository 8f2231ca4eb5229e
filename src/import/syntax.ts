import { parser } from '@lezer/python'

/** A node of the syntax tree of Python; its name is that of a rule of the grammar. */
export type SyntaxNode = ReturnType<typeof parser.parse>['topNode']

/** A settings file as text, with its syntax tree. */
export class Source {
  readonly text: string
  readonly root: SyntaxNode
  readonly #lineStarts: readonly number[]

  constructor(written: string) {
    this.text = written.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
    this.root = parser.parse(this.text).topNode
    this.#lineStarts = [0, ...[...this.text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  }

  textOf({ from, to }: SyntaxNode): string {
    return this.text.slice(from, to)
  }

  /** From 1. */
  lineOf({ from }: SyntaxNode): number {
    return this.#lineAt(from)
  }

  #lineAt(offset: number): number {
    return this.#lineStarts.findLastIndex((start) => start <= offset) + 1
  }

  /** The line of the first place that is no Python, or more of it than the grammar knows. */
  brokenLine(nodes: Iterable<SyntaxNode>): number | undefined {
    const broken = Iterator.from(nodes).find(({ type }) => type.isError)
    // What is missing at the end is missed after the last character.
    return broken && this.#lineAt(Math.min(broken.from, this.text.trimEnd().length))
  }
}

/** The children of a node, brackets and commas included, comments not. */
export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = []
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    if (child.name !== 'Comment') children.push(child)
  return children
}

/** The parts between the commas of a node in brackets. */
export function itemsOf(node: SyntaxNode): readonly (readonly SyntaxNode[])[] {
  const inside = childrenOf(node).filter(({ name }) => !'()[]{}'.includes(name))
  return splitAt(inside, ',').filter((item) => item.length > 0)
}

export function splitAt(nodes: readonly SyntaxNode[], name: string): readonly (readonly SyntaxNode[])[] {
  const groups: SyntaxNode[][] = [[]]
  for (const node of nodes) {
    if (node.name === name) groups.push([])
    else groups.at(-1)!.push(node)
  }
  return groups
}

/** The nodes within it, itself first, in the order of the text; the insides of those that `skips` names are left out. */
export function* nodesWithin(node: SyntaxNode, skips?: RegExp): Generator<SyntaxNode> {
  const waiting = [node]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next
    if (!skips?.test(next.name)) waiting.push(...childrenOf(next).toReversed())
  }
}
