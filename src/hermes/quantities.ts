import { type Check, numberOf } from './checks.ts'

/** As numbers: inside of the one is a Julian date, inside of the other a modified one. */
const JD = [2_400_000, 2_600_000] as const
const MJD = [1_000, 150_000] as const

/** A JD, an MJD, or a date in words of which ISO 8601 is the safe kind. */
export const dateText: Check = (value, path, report) => {
  const number = numberOf(value)
  const isWithin = ([from, to]: readonly [number, number]) => number !== undefined && number > from && number < to
  if (number !== undefined) {
    if (!isWithin(JD) && !isWithin(MJD))
      report(path, `${number} is neither a JD (2400000 to 2600000) nor an MJD (1000 to 150000).`)
  } else if (typeof value !== 'string') report(path, 'Not a valid string.')
  else if (value.trim() === '') report(path, 'This field may not be blank.')
  else if (!isDate(value)) report(path, `Does not parse as a date: "${value.slice(0, 40)}".`)
}

function isDate(text: string): boolean {
  // `Date` would also take text such as `field 7`.
  return (
    /^\D*\d/.test(text) &&
    !/\b(nan|inf)/i.test(text) &&
    /\d{4}|\d\d[/.-]\d\d/.test(text) &&
    !Number.isNaN(Date.parse(isoLike(text)))
  )
}

/** JavaScript wants a colon in the offset, and at most milliseconds. */
function isoLike(text: string): string {
  return text
    .trim()
    .replace(/(\.\d{3})\d+/, '$1')
    .replace(/([+-]\d\d)(\d\d)$/, '$1:$2')
}

/** With units said: `10h00m42.2s`, `+05d52m18s`, `150.2 deg`. */
const WITH_UNITS = /^[+-]?\d+(\.\d+)?\s*(h|d|deg)(\s*\d+(\.\d+)?\s*(m|min)(\s*\d+(\.\d+)?\s*s)?)?$/
const SEXAGESIMAL = /^[+-]?\d{1,3}[: ]\d{1,2}([: ]\d{1,2}(\.\d*)?)?$/

/** Degrees, any: Hermes brings them into 0 to 360. Text with colons is hours. */
export const rightAscension: Check = (value, path, report) => {
  if (numberOf(value) === undefined && !isAngle(value, SEXAGESIMAL, 24)) report(path, UNREADABLE)
}

/** Degrees. Hermes would take text with colons for hours, so that is a problem here. */
export const declination: Check = (value, path, report) => {
  const degrees = numberOf(value)
  if (degrees !== undefined) {
    if (Math.abs(degrees) > 90) report(path, 'Must be between -90 and 90 degrees.')
  } else if (typeof value === 'string' && SEXAGESIMAL.test(value.trim()))
    report(path, 'Hermes reads this as hours: give decimal degrees.')
  else if (!isAngle(value, WITH_UNITS, 90)) report(path, UNREADABLE)
}

const UNREADABLE = 'Must be in a format astropy understands: give decimal degrees.'

function isAngle(value: unknown, form: RegExp, most: number): boolean {
  if (typeof value !== 'string') return false
  const text = value.trim()
  if (WITH_UNITS.test(text)) return true
  return form.test(text) && Math.abs(Number.parseFloat(text)) <= most
}
