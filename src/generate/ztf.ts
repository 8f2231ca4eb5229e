import { containerWriter } from './avro-writer.ts'
import { cutout } from './cutout.ts'
import { Random, rounded } from './random.ts'
import { makeSource, type Source } from './sources.ts'
import { ztfSchema } from './ztf-schema.ts'

/** One look of the camera at a place. */
interface Observation {
  /** Julian date of the start of the exposure, UTC. */
  readonly jd: number
  /** Filter: 1 g, 2 r. */
  readonly fid: number
  readonly pid: bigint
  /** The faintest that would have been seen at 5 sigma, AB magnitude. */
  readonly diffmaglim: number | null
  readonly programid: number
}

/** A detection, with the fields that the generated schema has. */
export interface Candidate extends Observation {
  readonly candid: bigint
  /** `t`: brighter than the reference image. */
  readonly isdiffpos: string
  readonly field: number
  readonly rcid: number
  /** Degrees, ICRS. */
  readonly ra: number
  readonly dec: number
  /** AB magnitude of the difference and its 1 sigma. */
  readonly magpsf: number
  readonly sigmapsf: number
  /** AB magnitude in an aperture of 8 pixels. */
  readonly magap: number
  /** Pixels. */
  readonly fwhm: number
  readonly elong: number
  readonly nbad: number
  /** 1 is a star. */
  readonly classtar: number
  /** 0 bogus to 1 real; `drb` by deep learning. */
  readonly rb: number
  readonly drb: number | null
  /** The nearest known asteroid: arcseconds, or -999. */
  readonly ssdistnr: number
  readonly ssnamenr: string
  /** The nearest Pan-STARRS source: 1 is a star; arcseconds. */
  readonly sgscore1: number
  readonly distpsnr1: number
  readonly ndethist: number
  readonly ncovhist: number
  /** Julian dates, UTC. */
  readonly jdstarthist: number
  readonly jdendhist: number
}

export interface ZtfAlert {
  readonly schemavsn: string
  readonly publisher: string
  readonly objectId: string
  readonly candid: bigint
  readonly candidate: Candidate
  /** The 30 days before, oldest first; `magpsf` is null where nothing was seen. */
  readonly prv_candidates: readonly (Observation & {
    readonly candid: bigint | null
    readonly isdiffpos: string | null
    readonly ra: number | null
    readonly dec: number | null
    readonly magpsf: number | null
    readonly sigmapsf: number | null
  })[]
}

/** 2 March 2025, 04:00 UTC: a night over Palomar. */
const FIRST_JD = 2_460_736.6666667
/** Days between two alerts. */
const STEP = 40 / 86_400
/** Where ZTF counts its ids from. */
const ID_EPOCH = 2_457_754.5

const writeContainer = containerWriter(ztfSchema)

/** Synthetic alerts as ZTF would have sent them in one night, each an Avro container; the same for the same seed. */
export function* ztfAlerts(seed: number): Generator<{ readonly alert: ZtfAlert; readonly bytes: Uint8Array }> {
  const random = new Random(seed)
  const sources: Source[] = []
  for (let number = 0; ; number++) {
    const fresh = sources.length < 10 || random.next() < 0.6
    const source = fresh ? makeSource(random) : random.pick(sources)
    if (fresh) sources.push(source)
    const days = number * STEP
    const magnitude = source.magnitude(days)
    if (magnitude === undefined) continue
    const alert = makeAlert(random, source, number, rounded(FIRST_JD + days, 7), magnitude)
    yield { alert, bytes: writeContainer({ ...alert, ...stamps(random, alert) }, random.bytes(16)) }
  }
}

function makeAlert(random: Random, source: Source, number: number, jd: number, magnitude: number): ZtfAlert {
  const field = random.integer(200, 880)
  const rcid = random.integer(0, 63)
  const visit = Math.floor((jd - ID_EPOCH) * 1000)
  const candid = BigInt(`${visit}${digits(field, 4)}${digits(rcid, 2)}01${digits(number % 10_000, 4)}`)
  const previous = history(random, source, jd)
  const seen = previous.filter(({ magpsf }) => magpsf !== null)
  const real = source.kind !== 'flaw'
  const magpsf = rounded(random.normal(magnitude, 0.03), 4)
  const candidate: Candidate = {
    ...observation(random, jd),
    candid,
    isdiffpos: real || random.next() < 0.7 ? 't' : 'f',
    field,
    rcid,
    ...near(random, source),
    magpsf,
    sigmapsf: sigma(magnitude),
    magap: rounded(random.normal(magpsf, real ? 0.05 : 0.4), 4),
    fwhm: rounded(real ? random.normal(2.3, 0.3) : random.between(0.8, 7), 3),
    elong: rounded(real ? random.between(1, 1.2) : random.between(1, 2.5), 3),
    nbad: real ? 0 : random.integer(0, 3),
    classtar: rounded(random.between(real ? 0.6 : 0, 1), 3),
    rb: rounded(random.between(real ? 0.6 : 0.05, real ? 1 : 0.7), 6),
    // A few packets of the real stream have none.
    drb: random.next() < 0.03 ? null : rounded(random.between(real ? 0.75 : 0, real ? 1 : 0.6), 6),
    ssdistnr: -999,
    ssnamenr: 'null',
    sgscore1: rounded(source.kind === 'variable' ? random.between(0.8, 1) : random.between(0, 0.5), 4),
    distpsnr1: rounded(source.kind === 'variable' ? random.between(0, 0.6) : random.between(0.5, 12), 4),
    ndethist: seen.length + 1,
    ncovhist: previous.length + random.integer(100, 900),
    jdstarthist: seen[0]?.jd ?? jd,
    jdendhist: jd
  }
  const publisher = 'alertstreams (synthetic)'
  return { schemavsn: '4.02', publisher, objectId: source.objectId, candid, candidate, prv_candidates: previous }
}

function history(random: Random, source: Source, jd: number): ZtfAlert['prv_candidates'] {
  const rows: ZtfAlert['prv_candidates'][number][] = []
  for (let ago = random.between(22, 29); ago > 0.9; ago -= random.between(2, 6)) {
    const look = observation(random, rounded(jd - ago, 7))
    const magnitude = source.magnitude(look.jd - FIRST_JD)
    if (magnitude === undefined) {
      rows.push({ ...look, candid: null, isdiffpos: null, ra: null, dec: null, magpsf: null, sigmapsf: null })
    } else {
      const candid = look.pid * 10_000n + BigInt(random.integer(1, 9999))
      const magpsf = rounded(random.normal(magnitude, 0.03), 4)
      rows.push({ ...look, candid, isdiffpos: 't', ...near(random, source), magpsf, sigmapsf: sigma(magnitude) })
    }
  }
  return rows
}

function observation(random: Random, jd: number): Observation {
  const pid = BigInt(Math.floor((jd - ID_EPOCH) * 1000)) * 100_000_000n + BigInt(random.integer(0, 99_999_999))
  const diffmaglim = rounded(random.between(20.2, 21), 4)
  return { jd, fid: random.integer(1, 2), pid, diffmaglim, programid: 1 }
}

/** The place as measured: a tenth of an arcsecond off. */
function near(random: Random, { ra, dec }: Source): { readonly ra: number; readonly dec: number } {
  return { ra: rounded(ra + random.normal(0, 3e-5), 7), dec: rounded(dec + random.normal(0, 3e-5), 7) }
}

/** Fainter is less certain. */
function sigma(magnitude: number): number {
  return rounded(0.02 + Math.max(0, magnitude - 16) * 0.035, 4)
}

function stamps(random: Random, { candid, candidate }: ZtfAlert) {
  const flux = Math.round(40 * (22 - candidate.magpsf))
  const stamp = (end: string, counts: number) => ({
    fileName: `candid${candid}_${end}.fits.gz`,
    stampData: cutout(random, counts)
  })
  return {
    cutoutScience: stamp(`pid${candidate.pid}_targ_sci`, flux + 30),
    cutoutTemplate: stamp('ref', 30),
    cutoutDifference: stamp(`pid${candidate.pid}_targ_scimref`, flux)
  }
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0')
}
