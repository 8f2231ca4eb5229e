import { AlertStreamsError } from '../contract/errors.ts'
import { type Fields, numberOf } from '../tom/fields.ts'
import { separation, simplifiedName } from '../tom/matching.ts'
import type { TomClient } from './client.ts'
import type { SkyObject } from './object.ts'

export interface Matching {
  /** Arcseconds within which a target is the same object; 0: names only. */
  readonly radius: number
  /** Whether targets are made where the TOM has none. */
  readonly create: boolean
  /** The list that these are put on. */
  readonly list: string | undefined
}

/** What is known of an object: the id of its target, or until when nobody need ask again. */
type Known = { readonly id: number } | { readonly unknownUntil: number }

/** Objects that are remembered. */
const MOST = 10_000
/** Milliseconds after which an object that the TOM did not have is looked for again: somebody may have added it. */
const UNKNOWN_FOR = 60_000

/** Finds the targets of objects, and makes those that are missing where that is wanted. */
export class Targets {
  readonly #client: TomClient
  readonly #matching: Matching
  readonly #known = new Map<string, Known>()

  constructor(client: TomClient, matching: Matching) {
    this.#client = client
    this.#matching = matching
  }

  /** The id of the target; undefined where the TOM has none. Throws `SINK_REJECTED` for what can be none. */
  async idOf(object: SkyObject, signal: AbortSignal): Promise<number | undefined> {
    const key = simplifiedName(object.name)
    const known = this.#known.get(key)
    if (known !== undefined && 'id' in known) return known.id
    const { create } = this.#matching
    if (known !== undefined && known.unknownUntil > Date.now() && !(create && object.fields)) return undefined
    const id = (await this.#find(object, signal)) ?? (create ? await this.#create(object, signal) : undefined)
    this.#remember(key, id === undefined ? { unknownUntil: Date.now() + UNKNOWN_FOR } : { id })
    return id
  }

  /** Somebody may have deleted its target. */
  forget(object: SkyObject): void {
    this.#known.delete(simplifiedName(object.name))
  }

  #remember(key: string, known: Known): void {
    this.#known.delete(key)
    this.#known.set(key, known)
    const [oldest] = this.#known.keys()
    if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest)
  }

  async #find(object: SkyObject, signal: AbortSignal): Promise<number | undefined> {
    return (await this.#findByName(object, signal)) ?? (await this.#findByPlace(object, signal))
  }

  /** The names one by one: a TOM compares the whole text with names and aliases. */
  async #findByName({ name, aliases }: SkyObject, signal: AbortSignal): Promise<number | undefined> {
    for (const one of [name, ...aliases]) {
      const [found] = await this.#client.list('targets/', { name_fuzzy: one }, signal)
      if (found !== undefined) return idIn(found)
    }
    return undefined
  }

  /** The nearest target of the cone. */
  async #findByPlace({ position }: SkyObject, signal: AbortSignal): Promise<number | undefined> {
    const { radius } = this.#matching
    if (position === undefined || radius === 0) return undefined
    const found: { id: number; distance: number }[] = []
    for (const cone_search of conesAround(position, radius)) {
      for (const target of await this.#client.list('targets/', { cone_search }, signal)) {
        const [ra, dec] = [numberOf(target.ra), numberOf(target.dec)]
        if (ra !== null && dec !== null) found.push({ id: idIn(target), distance: separation(position, { ra, dec }) })
      }
    }
    return found.filter(({ distance }) => distance <= radius).sort((a, b) => a.distance - b.distance)[0]?.id
  }

  /** Undefined for an object of which there is only the name. */
  async #create(object: SkyObject, signal: AbortSignal): Promise<number | undefined> {
    if (object.fields === undefined) return undefined
    const { list } = this.#matching
    const answer = await this.#client.post(
      'targets/',
      {
        ...object.fields,
        aliases: object.aliases.map((name) => ({ name })),
        target_lists: list === undefined ? [] : [{ name: list }],
        groups: []
      },
      'id',
      signal
    )
    if (answer.kind === 'done') return idIn(answer.json as Fields)
    // Somebody else was faster, which the TOM refuses or fails at; or it is there, and our user may not see it.
    const isDoubtful = answer.kind === 'failed' || answer.said.includes('already exists')
    const other = isDoubtful ? await this.#findByName(object, signal) : undefined
    if (other !== undefined) return other
    if (answer.kind === 'failed') throw answer.error
    throw new AlertStreamsError('SINK_REJECTED', `the TOM refused the target ${object.name}: ${answer.said}`)
  }
}

function idIn({ id }: Fields): number {
  if (typeof id === 'number') return id
  throw new AlertStreamsError('SINK_UNAVAILABLE', 'the TOM gave a target without an id', {
    remedy: 'Check URL, and the version of its tomtoolkit.'
  })
}

/**
 * What to ask a TOM for so that its answer has all targets within so many arcseconds of a place: `ra,dec,radius` in
 * degrees. It looks in a box of twice the radius first, which is not widened towards the poles nor continued across 0h.
 * And it finds no target that lies exactly in the middle, where rounding gives a cosine above 1; so the middle is another.
 */
export function conesAround({ ra, dec }: { ra: number; dec: number }, arcseconds: number): readonly string[] {
  const radius = arcseconds / 3600
  const middle = dec > 0 ? dec - radius : dec + radius
  // The box is as wide in ra as the cone at its end towards the pole, and the cone reaches around both.
  const widest = Math.max(Math.cos(((Math.abs(dec) + radius) * Math.PI) / 180), radius / 180)
  const reach = Math.min(Math.max(radius * 2.01, radius / widest), 180)
  const cone = (at: number) => [at, middle, reach].map((degrees) => degrees.toFixed(9)).join()
  const beyond = ra - 2 * reach < 0 ? [cone(ra + 360)] : ra + 2 * reach > 360 ? [cone(ra - 360)] : []
  return [cone(ra), ...beyond]
}
