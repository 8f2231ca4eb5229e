import type { SinkConfig } from '../contract/config.ts'
import type { SinkClass } from '../contract/sink.ts'
import { loadComponent, optionsOf } from './components.ts'
import { readExpression } from './expressions.ts'
import { asMap, checkKeys } from './keys.ts'
import type { Scope } from './scope.ts'
import { type Entry, mapOf } from './tree.ts'

/** A sink with what the check for loops has to know. */
export interface ReadSink {
  readonly config: SinkConfig
  readonly writes: { readonly cluster: string; readonly topic: string | undefined } | undefined
}

/** One entry of SINKS. Undefined: a problem was reported. */
export async function readSink({ key: name, at, node }: Entry, scope: Scope): Promise<ReadSink | undefined> {
  const map = asMap(node, `the sink ${name}`, scope.report)
  if (map === undefined) return undefined
  checkKeys(map, ['NAME', 'OPTIONS'], `the sink ${name}`, scope.report)
  // biome-ignore lint/suspicious/noExplicitAny: options of any type
  const component = await loadComponent<SinkClass<any>>(map, at, 'sink', scope.parts.sinks, scope)
  if (component === undefined) return undefined
  const read = await optionsOf(map, component, scope, ['KEY'])
  if (read === undefined) return undefined
  const { Class } = component
  const writes = read.asked(() => Class.writes?.(read.options))
  const key = readExpression(mapOf(map.entries.get('OPTIONS'))?.entries.get('KEY'), scope)
  return { config: { name, kind: component.name, key, make: (setup) => new Class(read.options, setup) }, writes }
}
