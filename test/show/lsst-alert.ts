import type { AvroType } from '../../src/codecs/avro/schema.ts'
import { Random } from '../../src/generate/random.ts'
import { lsstType } from '../codecs/lsst-sample.ts'
import { madeCodec } from '../codecs/made.ts'
import { fitsBytes } from './fits-bytes.ts'

const SCHEMA = 1101
/** MJD, TAI, of the alert. */
const NIGHT = 61_102.231_5
const BANDS = [...'ugrizy']
/** Pixels along a side. */
const SIDE = 51

type Fields = Record<string, unknown>

/** A made-up supernova in six bands with forced photometry from before it, in the schema of LSST 11.1; framed. */
export function lsstSupernova(): { readonly alert: Fields; readonly bytes: Uint8Array } {
  const random = new Random(11)
  const visits = Array.from({ length: 46 }, (_, n) => visitOf(random, n))
  const now = visitOf(random, 46)
  const seen = visits.filter(({ psfFlux, psfFluxErr }) => Math.abs(psfFlux) > 5 * psfFluxErr)
  const type = lsstType(SCHEMA)
  const source = (visit: Visit, n: number) => ({
    ...(blankOf(partOf(type, 'diaSource')) as Fields),
    ...visit,
    diaSourceId: 3_527_242_976_319_242_284n + BigInt(n),
    diaObjectId: 3_527_242_976_319_242_240n,
    detector: 94,
    ra: 150.1191667 + random.normal(0, 1e-5),
    dec: 2.2058333 + random.normal(0, 1e-5),
    scienceFlux: visit.psfFlux + 21_000,
    scienceFluxErr: visit.psfFluxErr,
    templateFlux: 21_000,
    templateFluxErr: 95,
    snr: visit.psfFlux / visit.psfFluxErr,
    reliability: 0.973,
    extendedness: 0,
    isNegative: visit.psfFlux < 0
  })
  const object = { ...(blankOf(partOf(type, 'diaObject')) as Fields), diaObjectId: 3_527_242_976_319_242_240n }
  const own = source(now, 100)
  const alert = {
    ...(blankOf(type) as Fields),
    diaSourceId: own.diaSourceId,
    diaSource: own,
    prvDiaSources: seen.map(source),
    prvDiaForcedSources: visits.map((visit) => ({
      ...(blankOf(partOf(type, 'prvDiaForcedSources')) as Fields),
      ...visit
    })),
    diaObject: {
      ...object,
      ra: own.ra,
      dec: own.dec,
      nDiaSources: seen.length + 1,
      firstDiaSourceMjdTai: seen[0]!.midpointMjdTai
    },
    cutoutScience: stamp(random, own.psfFlux, true),
    cutoutTemplate: stamp(random, 0, true),
    cutoutDifference: stamp(random, own.psfFlux, false)
  }
  return { alert, bytes: madeCodec('confluent', { SCHEMA_ID: SCHEMA }).encode(alert).bytes }
}

interface Visit {
  readonly visit: number
  readonly band: string
  readonly midpointMjdTai: number
  /** nJy. */
  readonly psfFlux: number
  readonly psfFluxErr: number
}

function visitOf(random: Random, n: number): Visit {
  const days = n === 46 ? 0 : -48 + n + random.between(0, 0.3)
  const band = n === 46 ? 'r' : random.pick(BANDS)
  const psfFluxErr = { u: 420, g: 130, r: 160, i: 240, z: 420, y: 900 }[band]!
  const peak = { u: 2500, g: 11_000, r: 14_000, i: 10_500, z: 8200, y: 6400 }[band]!
  // Rises from day -30, is brightest at about day -12, then fades.
  const x = (days + 12) / (days < -12 ? 8 : 16)
  const flux = days < -30 ? 0 : peak * Math.exp(-x * x)
  return {
    visit: 2_026_030_400_000 + n,
    band,
    midpointMjdTai: NIGHT + days,
    psfFlux: random.normal(flux, psfFluxErr),
    psfFluxErr
  }
}

/** A galaxy, and a star of so much flux beside its centre; north is 35 degrees left of up. */
function stamp(random: Random, flux: number, galaxy: boolean): Buffer {
  const middle = (SIDE - 1) / 2
  const values = Array.from({ length: SIDE * SIDE }, (_, at) => {
    const [x, y] = [(at % SIDE) - middle, Math.floor(at / SIDE) - middle]
    const star = (flux / 20) * Math.exp(-(x * x + y * y) / 6)
    const [along, across] = [(x + 4) * 0.8 + (y - 3) * 0.6, ((y - 3) * 0.8 - (x + 4) * 0.6) * 2]
    const disc = galaxy ? 700 * Math.exp(-Math.hypot(along, across) / 5) : 0
    return star + disc + random.normal(0, 18)
  })
  const step = 0.2 / 3600
  const [sine, cosine] = [Math.sin(0.61) * step, Math.cos(0.61) * step]
  const cards = {
    CTYPE1: "'RA---TAN'",
    CTYPE2: "'DEC--TAN'",
    CD1_1: -cosine,
    CD1_2: -sine,
    CD2_1: -sine,
    CD2_2: cosine
  }
  return fitsBytes({ bitpix: -32, width: SIDE, height: SIDE, values, cards })
}

/** The record that a field of the alert is, or is a list of. */
function partOf(type: AvroType, name: string): AvroType {
  const field = type.kind === 'record' ? type.fields.find((one) => one.name === name)!.type : type
  const there = field.kind === 'union' ? field.branches.find(({ kind }) => kind !== 'null')! : field
  return there.kind === 'array' ? there.items : there
}

/** Null where that may be, else zero. */
function blankOf(type: AvroType): unknown {
  if (type.kind === 'union') return null
  if (type.kind === 'record') return Object.fromEntries(type.fields.map(({ name, type }) => [name, blankOf(type)]))
  return { boolean: false, int: 0, long: 0n, float: 0, double: 0, string: '' }[type.kind as 'int'] ?? null
}
