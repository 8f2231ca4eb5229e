import { gzipRuns } from './gzip.ts'
import type { Random } from './random.ts'

/** Pixels along a side; ZTF's have 63. */
const SIDE = 9
/** FITS files are made of blocks of so many bytes. */
const BLOCK = 2880

/** A gzipped FITS image of a star on an empty sky: big-endian float32, `flux` counts in the brightest pixel. */
export function cutout(random: Random, flux: number): Uint8Array {
  const data = Buffer.alloc(BLOCK)
  const middle = (SIDE - 1) / 2
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const distance = Math.abs(x - middle) + Math.abs(y - middle)
      const counts = distance > 3 ? 0 : Math.round(flux / 2 ** distance + random.normal(0, 2))
      data.writeFloatBE(counts, 4 * (y * SIDE + x))
    }
  }
  return gzipRuns(Buffer.concat([header(), data]))
}

function header(): Uint8Array {
  const cards = ['SIMPLE  = T', 'BITPIX  = -32', 'NAXIS   = 2', `NAXIS1  = ${SIDE}`, `NAXIS2  = ${SIDE}`, 'END']
  const lines = cards.map((card) => {
    const [name, value] = card.split('= ')
    return (value === undefined ? card : `${name}= ${value.padStart(20)}`).padEnd(80)
  })
  return Buffer.from(lines.join('').padEnd(BLOCK), 'latin1')
}
