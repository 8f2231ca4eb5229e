import { Document, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import type { Mapping, Sequence, Tree } from './tree.ts'

/** YAML text with its remarks as comments; `heading` is a comment at the top. */
export function yamlOf(tree: Mapping, heading: readonly string[]): string {
  const document = new Document()
  document.contents = nodeOf(tree)
  document.commentBefore = commentOf(heading)
  return document.toString({ lineWidth: 0 })
}

function nodeOf(tree: Tree): Node {
  if (tree.kind === 'scalar') return withRemarks(new Scalar(tree.value), tree.remark === undefined ? [] : [tree.remark])
  return tree.kind === 'sequence' ? seqOf(tree) : mapOf(tree)
}

function seqOf({ items, remarks }: Sequence): Node {
  const seq = new YAMLSeq<Node>()
  seq.items = items.map(nodeOf)
  return withRemarks(seq, remarks)
}

function mapOf({ entries, remarks }: Mapping): Node {
  const map = new YAMLMap<Scalar, Node>()
  map.items = entries.map(({ key, value }) => new Pair(new Scalar(key), nodeOf(value)))
  return withRemarks(map, remarks)
}

function withRemarks<N extends Node>(node: N, remarks: readonly string[]): N {
  if (remarks.length > 0) node.comment = commentOf(remarks)
  return node
}

function commentOf(lines: readonly string[]): string {
  return lines.map((line) => ` ${line}`).join('\n')
}
