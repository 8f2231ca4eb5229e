import type { SinkConfig } from '../contract/config.ts'
import type { SinkClass } from '../contract/sink.ts'
import { type Component, loadComponent, optionsOf } from './components.ts'
import { readExpression } from './expressions.ts'
import { asMap, checkKeys } from './keys.ts'
import type { Scope } from './scope.ts'
import { type Entry, type MapNode, mapOf } from './tree.ts'

/** A sink with what the check for loops has to know. */
export interface ReadSink {
  readonly config: SinkConfig
  readonly writes: { readonly cluster: string; readonly topic: string | undefined } | undefined
}

// biome-ignore lint/suspicious/noExplicitAny: options of any type
export type SinkComponent = Component<SinkClass<any>>

/** One entry of SINKS. Undefined: a problem was reported. */
export async function readSink({ key: name, at, node }: Entry, scope: Scope): Promise<ReadSink | undefined> {
  const map = asMap(node, `the sink ${name}`, scope.report)
  if (map === undefined) return undefined
  checkKeys(map, ['NAME', 'OPTIONS'], `the sink ${name}`, scope.report)
  // biome-ignore lint/suspicious/noExplicitAny: options of any type
  const component = await loadComponent<SinkClass<any>>(map, at, 'sink', scope.parts.sinks, scope)
  return component && sinkOf(name, map, component, scope)
}

/** A sink by the OPTIONS in a map; `besides` are keys there that are not the class's. */
export async function sinkOf(
  name: string,
  map: MapNode,
  component: SinkComponent,
  scope: Scope,
  besides: readonly string[] = []
): Promise<ReadSink | undefined> {
  const read = await optionsOf(map, component, scope, ['KEY', ...besides])
  if (read === undefined) return undefined
  const { Class } = component
  if (scope.testid !== undefined && !('TESTID' in Class.fields))
    scope.report.warning(component.at, `the sink ${name} has no form for a test run: it writes where it always does`)
  const writes = read.asked(() => Class.writes?.(read.options))
  const key = readExpression(mapOf(map.entries.get('OPTIONS'))?.entries.get('KEY'), scope)
  const config: SinkConfig = {
    name,
    kind: component.name,
    key,
    make: (setup) => new Class(read.options, setup),
    needs: (feeds, baseDir) => Class.needs?.(read.options, { name, baseDir, feeds }) ?? []
  }
  return { config, writes }
}
