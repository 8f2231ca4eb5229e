import { idText } from '../codecs/long.ts'
import type { Fields } from '../tom/fields.ts'

/** `r 15.884 ± 0.061`, as far as it is known. */
export function magnitudeText(magnitude: number, error: number | null | undefined): string {
  return error === null || error === undefined ? magnitude.toFixed(3) : `${magnitude.toFixed(3)} ± ${error.toFixed(3)}`
}

/** With so many decimals; undefined for what is no number. */
export function fixed(value: unknown, decimals: number): string | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value.toFixed(decimals) : undefined
}

/** The parts that there are, joined; undefined for none. */
export function joined(parts: readonly (string | undefined | false)[], between = ', '): string | undefined {
  const there = parts.filter((part) => part !== undefined && part !== false && part !== '')
  return there.length === 0 ? undefined : there.join(between)
}

/** Lines of which the first that there is has the label. */
export function grouped(
  label: string,
  values: readonly (string | undefined)[]
): readonly (readonly [string, string])[] {
  return values.filter((value) => value !== undefined).map((value, at) => [at === 0 ? label : '', value])
}

/** All digits of an id. */
export function idIn(record: Fields, name: string): string | undefined {
  const value = record[name]
  if (typeof value === 'string') return value
  const isId = (typeof value === 'bigint' || typeof value === 'number') && Number(value) !== 0
  return isId ? idText(value) : undefined
}

/** Days since 1858-11-17, UTC, to 0.1 s. */
export function mjdText(mjd: number): string {
  return `MJD ${mjd.toFixed(6)}`
}

/** `2025-03-02` of a date. */
export function dayText(date: Date | null): string | undefined {
  return date?.toISOString().slice(0, 10)
}

/** Control characters would steer the terminal of whoever looks: they are shown as what they are. */
export function harmless(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through.
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
}
