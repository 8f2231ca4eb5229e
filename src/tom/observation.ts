/** What any survey's alert says, in the same units for all. */
export interface Observation {
  readonly survey: 'ZTF' | 'LSST' | 'GCN'
  readonly id: string
  /** Of the object: what the next alert of it will say too. */
  readonly name: string | null
  /** The survey's own id of the object, where that is not its name: all digits. */
  readonly objectId?: string | null
  /** UTC, as all times here. */
  readonly observedAt: Date | null
  /** Undefined: the alert does not say it, and the message's own time is the nearest. */
  readonly publishedAt: Date | undefined
  /** Degrees, ICRS. */
  readonly position: { readonly ra: number; readonly dec: number } | null
  /** Of a solar-system object. */
  readonly orbit: Orbit | null
  /** True for what is in another place at the next observation. */
  readonly moves: boolean
  /** AB magnitude. */
  readonly magnitude: number | null
  /** nJy. */
  readonly flux: number | null
  /** See `GenericAlert.score`. */
  readonly score: number | null
  readonly url: string | null
  /** By time; that of the alert itself last. */
  readonly photometry: readonly Measurement[]
  readonly note: Note
}

/** One brightness of the object, or how faint it would have been seen. */
export interface Measurement {
  readonly at: Date
  readonly band: string
  readonly telescope: string | null
  readonly instrument: string | null
  /** AB magnitude and its 1 sigma. */
  readonly magnitude: number | null
  readonly magnitudeError: number | null
  /** nJy and its 1 sigma; null where the survey gives magnitudes. */
  readonly flux: number | null
  readonly fluxError: number | null
  /** AB magnitude of a 5 sigma detection. */
  readonly limit: number | null
  /** The object is fainter than in the reference image by this magnitude. */
  readonly negative: boolean
}

/** What is for people, or has no place elsewhere. */
export interface Note {
  readonly title: string | undefined
  readonly text: string | undefined
  /** A superevent, a burst: what several observatories speak of. */
  readonly event: string | undefined
  readonly facts: Readonly<Record<string, string | number | boolean>>
}

/** Angles in degrees, distances in au, times MJD (TT). */
export interface Orbit {
  readonly epoch: number
  readonly inclination: number
  readonly ascendingNode: number
  readonly argumentOfPerihelion: number
  readonly eccentricity: number
  readonly meanAnomaly: number | null
  readonly semimajorAxis: number | null
  readonly perihelionDistance: number | null
  readonly perihelionTime: number | null
}

/** What most alerts of GCN leave open. */
export const bare: Omit<Observation, 'id'> = {
  survey: 'GCN',
  name: null,
  observedAt: null,
  publishedAt: undefined,
  position: null,
  orbit: null,
  moves: false,
  magnitude: null,
  flux: null,
  score: null,
  url: null,
  photometry: [],
  note: { title: undefined, text: undefined, event: undefined, facts: {} }
}
