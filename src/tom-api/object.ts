import { parseJson, stringifyJson } from '../codecs/json-text.ts'
import type { Row } from '../database/values.ts'
import { type Fields, nameOf, numberOf, recordOf } from '../tom/fields.ts'
import { simplifiedName } from '../tom/matching.ts'

/** An object of the sky as a message speaks of it; what a TOM's target for it is found by, or made of. */
export interface SkyObject {
  readonly name: string
  readonly aliases: readonly string[]
  /** Degrees, ICRS, of what does not move. */
  readonly position: { readonly ra: number; readonly dec: number } | undefined
  /** A target as a TOM takes it; undefined: all that is known is the name. */
  readonly fields: Fields | undefined
}

/** Fields of a TOM's target that have numbers, with our column for it. */
const NUMBERS = {
  ra: 'ra',
  dec: 'dec',
  epoch: 'epoch',
  pm_ra: 'pm_ra',
  pm_dec: 'pm_dec',
  parallax: 'parallax',
  distance: 'distance',
  distance_err: 'distance_error'
}

/** Elements of an orbit: a TOM's name for each, and that of Hermes. */
const ORBIT = {
  epoch_of_elements: 'epoch_of_elements',
  inclination: 'orbital_inclination',
  lng_asc_node: 'longitude_of_the_ascending_node',
  arg_of_perihelion: 'argument_of_the_perihelion',
  eccentricity: 'eccentricity',
  mean_anomaly: 'mean_anomaly',
  semimajor_axis: 'semimajor_axis',
  perihdist: 'perihelion_distance',
  epoch_of_perihelion: 'epoch_of_perihelion'
}

/** Of a row of `targets`. */
export function objectOf({ columns }: Row): SkyObject {
  const name = nameOf(columns.name) ?? ''
  const extra = recordOf(fromJson(columns.extra)) ?? {}
  const numbers = filled(NUMBERS, columns)
  const { ra, dec } = numbers
  const isSidereal = columns.type !== 'NON_SIDEREAL'
  const orbit = { ...filled(ORBIT, recordOf(extra.orbital_elements) ?? {}), ...filled(sameNames(ORBIT), extra) }
  const isPlanet = orbit.mean_anomaly !== undefined && orbit.semimajor_axis !== undefined
  const scheme = nameOf(extra.scheme) ?? (isPlanet ? 'MPC_MINOR_PLANET' : 'MPC_COMET')
  const isKnown = isSidereal ? ra !== undefined && dec !== undefined : orbit.epoch_of_elements !== undefined
  return {
    name,
    aliases: aliasesOf(fromJson(columns.aliases), name),
    position: isSidereal && ra !== undefined && dec !== undefined ? { ra, dec } : undefined,
    fields: isKnown
      ? {
          name,
          type: isSidereal ? 'SIDEREAL' : 'NON_SIDEREAL',
          ...notZero(numbers),
          ...(!isSidereal && { scheme, ...notZero(orbit) }),
          targetextra_set: extrasOf(extra)
        }
      : undefined
  }
}

/** Where a message has photometry of an object, and no more. */
export function bareObject(name: string): SkyObject {
  return { name, aliases: [], position: undefined, fields: undefined }
}

export function fromJson(text: unknown): unknown {
  return typeof text === 'string' ? parseJson(text) : undefined
}

/** A TOM takes no alias twice, nor the name itself. */
function aliasesOf(given: unknown, name: string): readonly string[] {
  const known = new Set([simplifiedName(name)])
  return (Array.isArray(given) ? given : [])
    .map((alias) => nameOf(alias))
    .filter((alias) => alias !== null)
    .filter((alias) => !known.has(simplifiedName(alias)) && known.add(simplifiedName(alias)))
}

function filled<Name extends string>(names: Readonly<Record<Name, string>>, from: Fields) {
  const found = Object.entries<string>(names).map(([name, column]) => [name, numberOf(from[column])] as const)
  return Object.fromEntries(found.filter(([, value]) => value !== null)) as Partial<Record<Name, number>>
}

/** Where a TOM needs a number, 0 is none: what it gets instead is nearer to it than anybody measures. */
function notZero(numbers: Readonly<Record<string, number>>): Fields {
  return Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, number === 0 ? 1e-9 : number]))
}

function sameNames<Name extends string>(names: Readonly<Record<Name, string>>): Record<Name, Name> {
  return Object.fromEntries(Object.keys(names).map((name) => [name, name])) as Record<Name, Name>
}

/** What has no field of its own, as text. */
function extrasOf(extra: Fields): readonly { readonly key: string; readonly value: string }[] {
  const own = new Set(['orbital_elements', 'scheme', ...Object.keys(ORBIT), ...Object.keys(NUMBERS)])
  return Object.entries(extra)
    .filter(([key, value]) => !own.has(key) && value !== null && value !== undefined)
    .map(([key, value]) => ({ key, value: typeof value === 'string' ? value : stringifyJson(value) }))
}
