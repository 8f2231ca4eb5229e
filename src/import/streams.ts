import { ourParts } from '../config/parts.ts'
import type { Fields } from '../contract/options.ts'
import { type Carried, carry, carryDict, doubtsOf, isTree, leaveOut, leftOutOf } from './carry.ts'
import type { Notes } from './notes.ts'
import { carryOptions, placeOf, shortName } from './options.ts'
import { type MappingEntry, type Sequence, scalar } from './tree.ts'
import { type Dict, type List, literal } from './value.ts'

/** ALERT_STREAMS with our classes where there are some; all others are kept, and not active. */
export function carryStreams(streams: List, notes: Notes): Sequence {
  const seen = new Map<string, number>()
  const items = streams.items.map((item): Carried => {
    if (item.kind === 'dict') return streamOf(item, seen, notes)
    const place = placeOf('a stream', '')
    return item.kind === 'text' || item.kind === 'plain' || item.kind === 'list'
      ? leaveOut(item.line, 'a stream', 'it is no dict', notes, 'write it here')
      : carry(item, place, () => place, notes)
  })
  const remarks = [...doubtsOf(streams, 'ALERT_STREAMS', notes), ...leftOutOf(items)]
  return { kind: 'sequence', items: items.filter(isTree), remarks }
}

function streamOf(stream: Dict, seen: Map<string, number>, notes: Notes): Carried {
  const named = stream.entries.get('NAME')?.value
  const dotted = literal(named)
  if (named === undefined || dotted === undefined) {
    const reason = named === undefined ? 'it has no NAME' : 'its NAME is not known here'
    return leaveOut(named?.line ?? stream.line, 'a stream', reason, notes, 'write it here')
  }
  const [name, fields] = classOf(dotted)
  const known = fields !== undefined
  const entries: MappingEntry[] = []
  const isActive = activity(stream, known, notes)
  if (isActive !== undefined) entries.push(isActive)
  if (known) entries.push({ key: 'NAME', value: scalar(name) })
  else {
    const remedy = `write it as a class of your own, as in NAME: ./streams/x.ts#${name}, or leave it out`
    entries.push({
      key: 'NAME',
      value: scalar(dotted, notes.add(named.line, `there is no stream ${dotted} here`, remedy))
    })
  }
  const number = (seen.get(name) ?? 0) + 1
  seen.set(name, number)
  // Two of one ID are not allowed.
  if (number > 1) entries.push({ key: 'ID', value: scalar(`${shortName(name)}-${number}`) })
  const rest = carryDict(stream, name, notes, (key, value) => {
    if (key === 'NAME' || key === 'ACTIVE') return undefined
    if (key !== 'OPTIONS')
      return leaveOut(value.line, key, 'it means nothing here', notes, 'nothing; a TOM ignores it too')
    if (value.kind === 'dict') return { key, value: carryOptions(value, name, fields, notes) }
    return { key, value: carry(value, placeOf(key, name), (inner) => placeOf(inner, name), notes) }
  })
  return { kind: 'mapping', entries: [...entries, ...rest.entries], remarks: rest.remarks }
}

/** Our class of a dotted name and its options; undefined options: there is none. */
export function classOf(dotted: string): readonly [name: string, fields: Fields | undefined] {
  const found = Object.entries(ourParts.streams).find(([, { tomNames }]) => tomNames?.includes(dotted))
  return found ? [found[0], found[1].fields] : [dotted.split('.').at(-1)!, undefined]
}

/** ACTIVE as it was given. What cannot be told, or cannot run here, is not active. */
function activity(stream: Dict, known: boolean, notes: Notes): MappingEntry | undefined {
  const value = stream.entries.get('ACTIVE')?.value
  const carried = value && carry(value, placeOf('ACTIVE', ''), () => placeOf('ACTIVE', ''), notes)
  const given = isTree(carried) && carried.kind === 'scalar' ? carried.value : undefined
  const active = value === undefined || (typeof given === 'string' ? given : given !== undefined && Boolean(given))
  if (known && value === undefined) return undefined
  if (!known && active !== false) return { key: 'ACTIVE', value: scalar(false, 'it was active') }
  return { key: 'ACTIVE', value: scalar(active, carried?.kind === 'left out' ? carried.remark : undefined) }
}
