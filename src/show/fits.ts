/** One image of a FITS file. */
export interface FitsImage {
  readonly width: number
  readonly height: number
  /** Row by row, the lowest first, from the left: physical values; NaN where there is none. */
  readonly values: Float64Array
  readonly header: ReadonlyMap<string, string | number | boolean>
}

const BLOCK = 2880
const CARD = 80
/** More is no cut-out. */
const MOST_PIXELS = 16_777_216

/** The first image of the file: of the primary array or of an extension. Throws where there is none, or it is cut short. */
export function readFits(bytes: Uint8Array): FitsImage {
  if (Buffer.from(bytes.subarray(0, 9)).toString('latin1') !== 'SIMPLE  =') throw new Error('this is no FITS file')
  for (let at = 0; at < bytes.length; ) {
    const { header, length } = readHeader(bytes, at)
    at += length
    const axes = Array.from({ length: numberIn(header, 'NAXIS') }, (_, n) => numberIn(header, `NAXIS${n + 1}`))
    const isImage = (header.get('XTENSION') ?? 'IMAGE') === 'IMAGE'
    if (isImage && axes.length >= 2 && axes.every((length) => length > 0)) return imageOf(bytes, at, header, axes)
    at += roundedUp(sizeOf(header, axes))
  }
  throw new Error('there is no image in the FITS file')
}

/** Bytes of a data unit, without the padding. */
function sizeOf(header: FitsImage['header'], axes: readonly number[]): number {
  if (axes.length === 0) return 0
  const values = axes.reduce((product, length) => product * length, 1) + numberIn(header, 'PCOUNT')
  return (Math.abs(numberIn(header, 'BITPIX')) / 8) * Math.max(1, numberIn(header, 'GCOUNT')) * values
}

function readHeader(
  bytes: Uint8Array,
  from: number
): { header: Map<string, string | number | boolean>; length: number } {
  const header = new Map<string, string | number | boolean>()
  for (let at = from; at + CARD <= bytes.length; at += CARD) {
    const card = Buffer.from(bytes.subarray(at, at + CARD)).toString('latin1')
    const name = card.slice(0, 8).trimEnd()
    if (name === 'END') return { header, length: roundedUp(at + CARD - from) }
    if (card.slice(8, 10) === '= ' && !header.has(name)) header.set(name, cardValue(card.slice(10)))
  }
  throw new Error('the header of the FITS file has no end')
}

/** A text in quotes, T or F, or a number; a comment may follow behind a slash. */
function cardValue(field: string): string | number | boolean {
  const quoted = /^\s*'((?:[^']|'')*)'/.exec(field)
  if (quoted) return quoted[1]!.replaceAll("''", "'").trimEnd()
  const text = field.split('/')[0]!.trim()
  if (text === 'T' || text === 'F') return text === 'T'
  const number = Number(text.replace(/[dD]/, 'E'))
  return text === '' || Number.isNaN(number) ? text : number
}

function imageOf(bytes: Uint8Array, at: number, header: FitsImage['header'], axes: readonly number[]): FitsImage {
  const [width = 0, height = 0] = axes
  const bits = numberIn(header, 'BITPIX')
  const read = readers[bits]
  if (read === undefined) throw new Error(`BITPIX is ${bits}, which FITS does not have`)
  const step = Math.abs(bits) / 8
  const count = width * height
  if (count > MOST_PIXELS) throw new Error(`an image of ${width} x ${height} pixels is no cut-out`)
  if (at + count * step > bytes.length) throw new Error('the FITS file is cut short')
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, count * step)
  const [scale, zero] = [numberIn(header, 'BSCALE', 1), numberIn(header, 'BZERO')]
  const blank = bits > 0 ? header.get('BLANK') : undefined
  const values = Float64Array.from({ length: count }, (_, n) => {
    const stored = read(view, n * step)
    return stored === blank ? Number.NaN : stored * scale + zero
  })
  return { width, height, values, header }
}

/** Big-endian, as everything in FITS. */
const readers: Readonly<Record<number, (view: DataView, at: number) => number>> = {
  8: (view, at) => view.getUint8(at),
  16: (view, at) => view.getInt16(at),
  32: (view, at) => view.getInt32(at),
  64: (view, at) => Number(view.getBigInt64(at)),
  [-32]: (view, at) => view.getFloat32(at),
  [-64]: (view, at) => view.getFloat64(at)
}

function numberIn(header: FitsImage['header'], name: string, otherwise = 0): number {
  const value = header.get(name)
  return typeof value === 'number' ? value : otherwise
}

function roundedUp(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK
}
