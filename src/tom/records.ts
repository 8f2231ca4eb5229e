/** What a TOM shows of an alert in the answer to a broker query. */
export interface GenericAlert {
  /** When it was observed, UTC: `02 Mar 2025 - 04:15:03`. */
  readonly timestamp: string | null
  /** All digits of a 64-bit id. */
  readonly id: string
  /** The object's; becomes the name of the Target. */
  readonly name: string | null
  /** Degrees, ICRS. */
  readonly ra: number | null
  readonly dec: number | null
  /**
   * AB magnitude. ZTF, LSST: of the difference image, where the object may also have become fainter (ZTF: isdiffpos `f`);
   * null for a flux that is not positive.
   */
  readonly mag: number | null
  /** ZTF: classtar, 0 (galaxy) to 1 (star). LSST: reliability, 0 to 1. GCN: false alarm rate in Hz; 1 after a retraction. */
  readonly score: number | null
  /** A page for people. */
  readonly url: string | null
}

interface BaseTarget {
  /** At most 100 characters. */
  readonly name: string
  readonly aliases: readonly string[]
}

/** A fixed place in the sky. `epoch` is left out: positions of alerts are of the day of the observation. */
export interface SiderealTarget extends BaseTarget {
  readonly type: 'SIDEREAL'
  /** Degrees, ICRS. */
  readonly ra: number
  readonly dec: number
}

/** An orbit about the Sun. */
export interface NonSiderealTarget extends BaseTarget {
  readonly type: 'NON_SIDEREAL'
  readonly scheme: 'MPC_MINOR_PLANET' | 'MPC_COMET'
  /** MJD, TT. */
  readonly epoch_of_elements: number
  /** Degrees. */
  readonly inclination: number
  readonly lng_asc_node: number
  readonly arg_of_perihelion: number
  readonly eccentricity: number
  /** MPC_MINOR_PLANET: degrees, au. */
  readonly mean_anomaly: number | null
  readonly semimajor_axis: number | null
  /** MPC_COMET: au, MJD (TT). */
  readonly perihdist: number | null
  readonly epoch_of_perihelion: number | null
}

/** What a TOM observes, before it is saved. */
export type Target = SiderealTarget | NonSiderealTarget

/** What a TOM keeps of each alert of a stream. */
export interface NormalizedAlert {
  /** The ID of the stream. */
  readonly stream_name: string
  readonly alert_id: string
  readonly topic: string
  /** When the telescope saw it, UTC. ZTF: start of the exposure; LSST: its middle. */
  readonly observation_time: Date | null
  /** When the survey or broker issued it, UTC. */
  readonly published_time: Date | null
  readonly object_id: string | null
  /** Degrees, ICRS. */
  readonly ra: number | null
  readonly dec: number | null
  /** AB magnitude; ZTF: of the difference image, of brightening and fading alike. */
  readonly magnitude: number | null
  /** nJy; LSST: of the difference image, may be negative. */
  readonly flux: number | null
  /** Fit for JSON: ids beyond the safe integers are text, NaN is null, and there are no cut-outs or sky maps. */
  readonly raw_payload: Readonly<Record<string, unknown>>
}
