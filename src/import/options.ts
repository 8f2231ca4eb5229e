import { isSecretKey } from '../config/secrets.ts'
import type { Fields } from '../contract/options.ts'
import { fromLibrdkafka } from '../kafka/librdkafka.ts'
import { type Carried, type CarriedEntry, carry, carryDict, isTree, leaveOut, type Place } from './carry.ts'
import { carryHandlers } from './handlers.ts'
import type { Notes } from './notes.ts'
import { type Mapping, scalar } from './tree.ts'
import { type Dict, literal, type Value } from './value.ts'

/** What is done here in place of an option of a TOM's that we do not have. */
const INSTEAD: Readonly<Record<string, string>> = {
  ENABLE_AUTO_COMMIT: 'what is done is committed, and nothing else',
  MAX_POLL_NUMBER: 'the stream runs until it is stopped',
  TIMEOUT: 'the stream runs until it is stopped',
  'enable.auto.commit': 'what is done is committed, and nothing else',
  'auto.commit.interval.ms': 'what is done is committed, and nothing else'
}

/** The OPTIONS of a stream by the names of its class's options; without a class, as they are. */
export function carryOptions(options: Dict, owner: string, fields: Fields | undefined, notes: Notes): Mapping {
  const place = (key: string): Place => placeOf(key, owner, fields)
  return carryDict(options, `OPTIONS of ${owner}`, notes, (name, value): CarriedEntry => {
    if (name === 'TOPIC_HANDLERS' && value.kind === 'dict')
      return { key: name, value: carryHandlers(value, place(name), notes) }
    if (fields === undefined) return { key: name, value: carry(value, place(name), place, notes) }
    const isConfig = /^(KAFKA_)?CONFIG$/.test(name)
    if (isConfig && value.kind === 'dict') return carryConfig(value, name, fields, place, notes)
    const key = ourName(name, fields)
    if (key === undefined) {
      const remedy = INSTEAD[name] ?? `${owner} has no such option; see docs/options.md`
      return leaveOut(value.line, name, 'it is no option here', notes, remedy)
    }
    return isNone(value)
      ? undefined
      : { key, value: checked(key, carry(value, place(key), place, notes), value, fields, notes) }
  })
}

/** Settings of librdkafka as options of ours. */
function carryConfig(
  config: Dict,
  name: string,
  fields: Fields,
  place: (key: string) => Place,
  notes: Notes
): readonly CarriedEntry[] {
  const { entries, remarks } = carryDict(config, name, notes, (key, value): CarriedEntry => {
    if (isNone(value)) return undefined
    const carried = carry(value, place(key), place, notes)
    if (!isTree(carried) || carried.kind !== 'scalar') return { key, value: carried }
    const [[option, ours] = []] = Object.entries(fromLibrdkafka({ [key]: carried.value }).options)
    const isGuess = typeof ours === 'boolean' && String(carried.value).includes('${')
    if (option === undefined || isGuess || !Object.hasOwn(fields, option))
      return leaveOut(value.line, `${name}: ${key}`, 'it has no equivalent here', notes, INSTEAD[key] ?? 'nothing')
    return { key: option, value: scalar(ours as string | boolean, carried.remark) }
  })
  return [...entries, ...remarks.map((remark) => ({ kind: 'left out', remark }) as const)]
}

/** The option's name, given by it or by another that it has. */
function ourName(given: string, fields: Fields): string | undefined {
  return Object.entries(fields).find(([name, { aliases, secret }]) =>
    [name, ...aliases].some((one) => one === given || (secret && `${one}_FILE` === given))
  )?.[0]
}

/** A value that the class refuses stands as it is, with the reason. */
function checked(key: string, carried: Carried, value: Value, fields: Fields, notes: Notes): Carried {
  const given = isTree(carried) && carried.kind === 'scalar' ? carried.value : undefined
  if (given === undefined || String(given).includes('${') || !isTree(carried)) return carried
  const read = fields[key]!.read(given)
  if (!('problem' in read)) return carried
  if (key !== 'START_POSITION') return scalar(given, notes.add(value.line, `${key}: ${read.problem}`))
  return scalar('LATEST', notes.add(value.line, `START_POSITION was ${literal(value)}, which a TOM takes for LATEST`))
}

function isNone(value: Value): boolean {
  return value.kind === 'plain' && value.value === null
}

/** Which options are secrets, and under which variables they go. */
export function placeOf(key: string, owner: string, fields?: Fields): Place {
  const field = fields?.[key]
  const secret = field === undefined ? isSecretKey(key) : field.secret || key === 'API_KEY'
  const [prefix, name] = [shortName(owner), key].map((word) => word.replaceAll(/\W+/g, '_').toUpperCase())
  return {
    key,
    secret,
    known: field !== undefined && field.kind !== 'map',
    variable: name!.startsWith(prefix!) ? name! : `${prefix}_${name}`
  }
}

/** `HopskotchAlertStream` as `hopskotch`. */
export function shortName(name: string): string {
  return name
    .replace(/AlertStream$/, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
}
