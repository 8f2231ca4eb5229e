import type { Scope } from './scope.ts'
import { didYouMean } from './spelling.ts'
import { type Entry, type Node, type Place, plain } from './tree.ts'

/** Where a route names a sink. */
export interface SinkPlace {
  readonly name: string
  readonly place: Place
  /** As its DEAD_LETTER. */
  readonly dead: boolean
}

export function sinksNamed(entry: Entry | undefined): readonly SinkPlace[] {
  const dead = entry?.key === 'DEAD_LETTER'
  const nodes: readonly Node[] = entry === undefined ? [] : entry.node.kind === 'list' ? entry.node.items : [entry.node]
  return nodes.flatMap((node) => {
    const name = plain(node, true)
    return typeof name === 'string' ? [{ name, place: node.place, dead }] : []
  })
}

export function checkSink({ name, place }: SinkPlace, { report, sinkNames, sharedNames }: Scope): void {
  if (sinkNames.includes(name) || destinationOf(name, sharedNames) !== undefined) return
  report.problem(place, `there is no sink ${name}`, remedyFor(name, sinkNames, sharedNames))
}

function remedyFor(name: string, sinkNames: readonly string[], sharedNames: readonly string[]): string | undefined {
  const [entry = '', topic] = name.split(':')
  if (topic === undefined)
    return didYouMean(name, sinkNames, sinkNames.length === 0 ? 'SINKS at the top level names none' : undefined)
  return didYouMean(entry, sharedNames, `DATA_SHARING has no entry ${entry}: add it, or the file that has it`)
}

/** `hermes:hermes.test`, as a TOM says where data go: an entry of DATA_SHARING, and the topic there. */
export function destinationOf(
  name: string,
  sharedNames: readonly string[]
): { readonly entry: string; readonly topic: string } | undefined {
  const entry = sharedNames.find((shared) => name.startsWith(`${shared}:`) && name.length > shared.length + 1)
  return entry === undefined ? undefined : { entry, topic: name.slice(entry.length + 1) }
}
