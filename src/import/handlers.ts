import { shippedHandlers } from '../config/handlers.ts'
import { handlerForTom, isDotted } from '../config/tom-names.ts'
import { type Carried, type CarriedEntry, carryDict, leaveOut, type Place, carry } from './carry.ts'
import type { Notes } from './notes.ts'
import { type CarriedKey, reordered } from './order.ts'
import { type Mapping, scalar } from './tree.ts'
import { type Dict, literal, type Value } from './value.ts'

/** TOPIC_HANDLERS with handlers of ours, and paths for those that have to be written again. */
export function carryHandlers(topics: Dict, place: Place, notes: Notes): Mapping {
  const keys: CarriedKey[] = []
  const carried = carryDict(topics, 'TOPIC_HANDLERS', notes, (topic, value): CarriedEntry => {
    const glob = globOf(topic)
    if (glob === undefined) {
      const reason = 'patterns are globs here, no regular expressions'
      return leaveOut(value.line, topic, reason, notes, 'write * for any characters and ? for one')
    }
    if (glob !== topic) notes.add(value.line, `${topic} was a regular expression, and is ${glob} now`)
    else if (isDoubtful(topic))
      notes.add(
        value.line,
        `${topic} is a glob here, and in a TOM a regular expression that more topics may fit`,
        'alertstreams topics shows which topics it takes'
      )
    keys.push({ line: value.line, glob, handler: literal(value) })
    return { key: glob, value: handlerOf(topic, value, place, notes) }
  })
  const remarks = reordered(keys).map(([first, second]) =>
    notes.add(
      second.line,
      `topics of both ${first.glob} and ${second.glob} go to the latter here, and in a TOM to the former, which stands first`,
      `write the key that shall not have them more narrowly`
    )
  )
  return { ...carried, remarks: [...carried.remarks, ...remarks] }
}

function handlerOf(topic: string, value: Value, place: Place, notes: Notes): Carried {
  const named = literal(value)
  const { line } = value
  if (named === undefined)
    return carry(value, { ...place, key: `the handler of ${topic}` }, (key) => ({ ...place, key }), notes)
  const ours = handlerForTom(named)
  if (ours !== undefined && shippedHandlers().includes(ours)) return scalar(ours)
  if (ours !== undefined) {
    notes.add(line, `${named} has no equivalent here yet`, 'write a handler of your own')
    return scalar(named, `not supported yet (${notes.file}:${line})`)
  }
  if (!isDotted(named)) return scalar(named, notes.add(line, `${named} is no handler`, 'name one, as in log'))
  const path = notes.handlerFor(named)
  const python = `{ COMMAND: [python3, -m, alertstreams, ${path.replace(/ts$/, 'py')}] }`
  notes.add(line, `${named} has to be written again`, `write it as ${path}, or in Python, with HANDLER: ${python}`)
  return scalar(path, `${named} (${notes.file}:${line})`)
}

/** As a regular expression it fits topics that it does not fit as a glob, unless all of it stands before a last `.*`. */
function isDoubtful(topic: string): boolean {
  return topic.includes('*') && topic !== '*' && !/^[^*]*\.\*$/.test(topic)
}

/**
 * A key with `*` is a regular expression in a TOM, mostly meant as a glob, as in `hermes.*`. One that uses more of their
 * syntax is translated where that says the same.
 */
function globOf(topic: string): string | undefined {
  if (!topic.includes('*') || !/[\\^$[\](){}|+?]/.test(topic)) return topic
  // They match from the beginning, and any rest.
  const pattern = topic.replace(/^\^/, '')
  const body = pattern.endsWith('$') ? pattern.slice(0, -1) : `${pattern}.*`
  const glob = body.replaceAll('.*', '*').replaceAll('\\.', '.').replace(/\*+$/, '*')
  return /[\\^$[\](){}|+?]/.test(glob) ? undefined : glob
}
