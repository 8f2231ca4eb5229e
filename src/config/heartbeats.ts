import type { Heartbeat } from '../contract/config.ts'
import { duration, text } from '../contract/options.ts'
import { bestKey, isGlob } from '../contract/topics.ts'
import { asMap, checkKeys } from './keys.ts'
import { readOptions } from './options.ts'
import type { Scope } from './scope.ts'
import { type Entry, isNull, type Node, type Place } from './tree.ts'

/** Topics that their brokers publish to about once a second. */
const BEATING = ['sys.heartbeat', 'gcn.heartbeat']
const BEATING_EVERY = 60

export const heartbeatFields = {
  TOPIC: text('A topic that a key of TOPIC_HANDLERS takes; left out: any message of the stream.'),
  EVERY: duration(
    `So long without a message is an error in the log. ${BEATING_EVERY} s for ${BEATING.join(' and ')}; else required.`
  )
}

/** HEARTBEAT of a stream: one expectation or a list of them. */
export async function readHeartbeats(
  entry: Entry | undefined,
  topics: readonly string[],
  scope: Scope
): Promise<readonly Heartbeat[]> {
  if (entry === undefined || isNull(entry.node)) return []
  const { node, at } = entry
  const items: (readonly [Node, Place])[] =
    node.kind === 'list' ? node.items.map((one) => [one, one.place]) : [[node, at]]
  const read: Heartbeat[] = []
  for (const [item, place] of items) {
    const heartbeat = await readHeartbeat(item, place, topics, scope)
    if (heartbeat !== undefined) read.push(heartbeat)
  }
  return read
}

async function readHeartbeat(
  node: Node,
  at: Place,
  topics: readonly string[],
  scope: Scope
): Promise<Heartbeat | undefined> {
  const map = asMap(node, 'HEARTBEAT', scope.report, 'as in  HEARTBEAT: { TOPIC: sys.heartbeat, EVERY: 30s }')
  if (map === undefined) return undefined
  checkKeys(map, Object.keys(heartbeatFields), 'HEARTBEAT', scope.report)
  const options = await readOptions(map, at, heartbeatFields, 'HEARTBEAT', scope)
  if (options === undefined) return undefined
  const { TOPIC: topic } = options
  const place = map.entries.get('TOPIC')?.node.place ?? at
  if (topic !== undefined && (isGlob(topic) || bestKey(topic, topics) === undefined)) {
    const rule = isGlob(topic)
      ? `HEARTBEAT needs one topic, not the pattern ${topic}`
      : `no key of TOPIC_HANDLERS takes ${topic}, so that its HEARTBEAT would never come`
    scope.report.problem(place, rule, `name a topic that the stream reads: ${topics.join(', ')}`)
    return undefined
  }
  const every = options.EVERY ?? (topic !== undefined && BEATING.includes(topic) ? BEATING_EVERY : 0)
  if (every > 0) return { topic, every }
  const given = map.entries.get('EVERY')
  scope.report.problem(given?.node.place ?? at, 'HEARTBEAT needs an EVERY above 0', 'as in  EVERY: 5m')
  return undefined
}
