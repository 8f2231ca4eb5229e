/** A FITS file made of an image; for `values` row by row from the lowest, of stored numbers. */
export interface Image {
  readonly bitpix: number
  readonly width: number
  readonly height: number
  readonly values: readonly number[]
  /** Besides the ones that every image has. */
  readonly cards?: Readonly<Record<string, string | number>>
}

const writers: Readonly<Record<number, (bytes: Buffer, value: number, at: number) => void>> = {
  8: (bytes, value, at) => bytes.writeUInt8(value, at),
  16: (bytes, value, at) => bytes.writeInt16BE(value, at),
  32: (bytes, value, at) => bytes.writeInt32BE(value, at),
  64: (bytes, value, at) => bytes.writeBigInt64BE(BigInt(value), at),
  [-32]: (bytes, value, at) => bytes.writeFloatBE(value, at),
  [-64]: (bytes, value, at) => bytes.writeDoubleBE(value, at)
}

export function fitsBytes(image: Image): Buffer {
  return Buffer.concat([header({ SIMPLE: 'T', ...axesOf(image), ...image.cards }), dataOf(image)])
}

/** An empty primary array and a table before the image, as files with several parts have. */
export function fitsExtension(image: Image): Buffer {
  const table = { XTENSION: "'BINTABLE'", BITPIX: 8, NAXIS: 2, NAXIS1: 4, NAXIS2: 3, PCOUNT: 2900, GCOUNT: 1 }
  const own = { XTENSION: "'IMAGE   '", ...axesOf(image), PCOUNT: 0, GCOUNT: 1, ...image.cards }
  return Buffer.concat([
    header({ SIMPLE: 'T', BITPIX: 8, NAXIS: 0, EXTEND: 'T' }),
    header(table),
    Buffer.alloc(2 * 2880),
    header(own),
    dataOf(image)
  ])
}

function axesOf({ bitpix, width, height }: Image) {
  return { BITPIX: bitpix, NAXIS: 2, NAXIS1: width, NAXIS2: height }
}

function header(cards: Readonly<Record<string, string | number>>): Buffer {
  const lines = Object.entries(cards).map(([name, value]) =>
    `${name.padEnd(8)}= ${typeof value === 'number' ? String(value).padStart(20) : value.padStart(20)} / made`.padEnd(
      80
    )
  )
  return padded(Buffer.from([...lines, 'END'.padEnd(80)].join('')), ' ')
}

function dataOf({ bitpix, values }: Image): Buffer {
  const step = Math.abs(bitpix) / 8
  const bytes = Buffer.alloc(values.length * step)
  for (const [at, value] of values.entries()) writers[bitpix]!(bytes, value, at * step)
  return padded(bytes, '\0')
}

function padded(bytes: Buffer, filling: string): Buffer {
  const rest = (2880 - (bytes.length % 2880)) % 2880
  return Buffer.concat([bytes, Buffer.alloc(rest, filling)])
}
