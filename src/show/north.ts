import type { FitsImage } from './fits.ts'

/** Unit vectors in the image, x to the right and y up. */
export interface Compass {
  readonly north: readonly [x: number, y: number]
  readonly east: readonly [x: number, y: number]
}

/** Where north and east are by the linear part of the image's coordinates; undefined where its header does not say. */
export function compassOf({ header }: FitsImage): Compass | undefined {
  if (!String(header.get('CTYPE1') ?? '').startsWith('RA')) return undefined
  const number = (name: string) => (typeof header.get(name) === 'number' ? Number(header.get(name)) : undefined)
  const element = (row: number, column: number) => {
    const turn = number(`PC${row}_${column}`) ?? (row === column ? 1 : 0)
    const step = number(`CDELT${row}`)
    return number(`CD${row}_${column}`) ?? (step === undefined ? 0 : step * turn)
  }
  const [a, b, c, d] = [element(1, 1), element(1, 2), element(2, 1), element(2, 2)]
  const determinant = a * d - b * c
  // An angle of the older kind would have to be read too.
  if (determinant === 0 || number('CROTA2')) return undefined
  return { north: unit(-b / determinant, a / determinant), east: unit(d / determinant, -c / determinant) }
}

function unit(x: number, y: number): readonly [number, number] {
  const length = Math.hypot(x, y)
  return [x / length, y / length]
}
