/** What is wrong with a message, and where: `data.targets[1].ra`. */
export interface Problem {
  readonly path: string
  readonly problem: string
}

export type Report = (path: string, problem: string) => void
export type Check = (value: unknown, path: string, report: Report) => void
export type Fields = Readonly<Record<string, unknown>>

/** A field of a record. Null is as good as absent where it is `nullable`. */
export interface Rule {
  readonly check: Check
  readonly required: boolean
  readonly nullable: boolean
}

export const required = (check: Check): Rule => ({ check, required: true, nullable: false })
export const optional = (check: Check): Rule => ({ check, required: false, nullable: true })
/** May be left out, but not null. */
export const notNull = (check: Check): Rule => ({ check, required: false, nullable: false })

/** Text, or a number, which Hermes makes text. */
export const anyText: Check = (value, path, report) => {
  if (!['string', 'number', 'bigint'].includes(typeof value) || Number.isNaN(value)) report(path, 'Not a valid string.')
}

export const filledText: Check = (value, path, report) => {
  anyText(value, path, report)
  if (typeof value === 'string' && value.trim() === '') report(path, 'This field may not be blank.')
}

/** Numbers in text count. NaN and infinity do not: JSON has nothing for them. */
export function numberOf(value: unknown): number | undefined {
  const isNumber = typeof value === 'number' || typeof value === 'bigint'
  const number = isNumber || (typeof value === 'string' && value.trim() !== '') ? Number(value) : Number.NaN
  return Number.isFinite(number) ? number : undefined
}

export const anyNumber: Check = (value, path, report) => {
  if (numberOf(value) === undefined) report(path, 'A valid number is required.')
}

export function between(least: number, most: number): Check {
  return (value, path, report) => {
    const number = numberOf(value)
    if (number === undefined) report(path, 'A valid number is required.')
    else if (number < least) report(path, `Ensure this value is greater than or equal to ${least}.`)
    else if (number > most) report(path, `Ensure this value is less than or equal to ${most}.`)
  }
}

export function oneOf(choices: readonly string[]): Check {
  return (value, path, report) => {
    if (typeof value !== 'string' || !choices.includes(value)) report(path, `"${shown(value)}" is not a valid choice.`)
  }
}

export const flag: Check = (value, path, report) => {
  if (typeof value !== 'boolean') report(path, 'Must be a valid boolean.')
}

export function listOf(check: Check): Check {
  return (value, path, report) => {
    if (!Array.isArray(value)) report(path, 'Expected a list of items.')
    else for (const [index, item] of value.entries()) check(item, `${path}[${index}]`, report)
  }
}

/** A record by its fields, and then by rules about several of them. */
export function record(
  fields: Readonly<Record<string, Rule>>,
  together: (row: Fields, at: Report) => void = () => {}
): Check {
  return (value, path, report) => {
    if (!isRecord(value)) {
      report(path, 'Expected a record.')
      return
    }
    const below = (name: string) => (path === '' ? name : `${path}.${name}`)
    for (const [name, rule] of Object.entries(fields)) {
      const item = value[name]
      if (item === undefined) {
        if (rule.required) report(below(name), 'This field is required.')
      } else if (item === null) {
        if (!rule.nullable) report(below(name), 'This field may not be null.')
      } else rule.check(item, below(name), report)
    }
    together(value, (name, problem) => report(below(name), problem))
  }
}

export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

/** Null, empty text and empty lists are as good as absent: Hermes removes them. */
export function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
}

/** Where Hermes asks whether there is a value, 0 is none. */
export function isThere(value: unknown): boolean {
  return isFilled(value) && numberOf(value) !== 0
}

/** What stands there, for a message; whatever it is. */
export function shown(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : String(value).slice(0, 80)
}
