import type { Headers } from './alert.ts'

/** The value of the first header of that name; undefined where there is none. */
export function headerOf(headers: Headers, name: string): Uint8Array | null | undefined {
  return headers.find((header) => header[0] === name)?.[1]
}
