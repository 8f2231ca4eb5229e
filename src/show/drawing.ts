const SVG = 'http://www.w3.org/2000/svg'

/** An element of an SVG, as far as it is needed here. */
export interface Drawing {
  textContent: string | null
  readonly outerHTML: string
  setAttribute(name: string, value: string): void
  append(...children: readonly Drawing[]): void
}

/** A part of the picture, as wide as the picture is, and the pixels that it takes of its height. */
export interface Piece {
  readonly drawn: Drawing
  readonly height: number
}

/** What makes elements. */
export interface Canvas {
  createElementNS(namespace: string, name: string): Drawing
}

export type Attributes = Readonly<Record<string, string | number>>

export function shape(canvas: Canvas, name: string, attributes: Attributes, ...children: readonly Drawing[]): Drawing {
  const element = canvas.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  element.append(...children)
  return element
}

export function words(canvas: Canvas, text: string, attributes: Attributes): Drawing {
  const element = shape(canvas, 'text', { 'font-size': 12, ...attributes })
  element.textContent = text
  return element
}

/** Pixels that a text takes in DejaVu Sans, at most. */
export function lengthOf(text: string, size: number): number {
  return 0.62 * size * text.length
}
