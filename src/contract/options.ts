/** One option of a component, declared once: checking, defaults, secrets, types and the reference follow from it. */
export interface Field<T> {
  readonly kind: string
  readonly doc: string
  /** Never logged; may be given as NAME_FILE instead. */
  readonly secret: boolean
  readonly required: boolean
  readonly fallback: T | undefined
  readonly choices: readonly string[] | undefined
  /** Other names under which it may be given: a peer's. */
  readonly aliases: readonly string[]
  /** Says what is wrong with a value, or gives it back as the type. */
  read(value: unknown): { readonly value: T } | { readonly problem: string }
  /** JSON Schema of what may stand in the YAML. */
  readonly schema: Readonly<Record<string, unknown>>
}

// biome-ignore lint/suspicious/noExplicitAny: a list of fields of any types; needed for variance
export type Fields = Readonly<Record<string, Field<any>>>

/** The values of declared options. */
export type OptionsOf<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never }

/** What options are where none is given, of fields of which none is required. */
export function fallbacksOf<F extends Fields>(fields: F): OptionsOf<F> {
  return Object.fromEntries(Object.entries(fields).map(([name, { fallback }]) => [name, fallback])) as OptionsOf<F>
}

interface More {
  readonly secret?: boolean
  readonly aliases?: readonly string[]
}
interface Required extends More {
  readonly required: true
}
interface Fallback<T> extends More {
  readonly fallback: T
}

type Reader<T> = Field<T>['read']

function field<T>(
  kind: string,
  doc: string,
  more: More & { required?: boolean; fallback?: T },
  schema: Record<string, unknown>,
  read: Reader<T>,
  choices?: readonly string[]
): Field<T> {
  const { secret = false, required = false, fallback, aliases = [] } = more
  return { kind, doc, secret, required, fallback, choices, aliases, read, schema }
}

/** Declares an option of one kind: `required: true` or a `fallback` makes its value surely there. */
export interface Declare<T> {
  (doc: string, more: Required | Fallback<T>): Field<T>
  (doc: string, more?: More): Field<T | undefined>
}

/** A kind of option of a component's own: how a value is read, and what it may look like. */
export function declare<T>(kind: string, schema: Record<string, unknown>, read: Reader<T>): Declare<T> {
  return ((doc: string, more: More = {}) => field<T>(kind, doc, more, schema, read)) as Declare<T>
}

const wrong = (expected: string, value: unknown) => ({ problem: `expected ${expected}, got ${described(value)}` })

/** How a value of the wrong type is named in a problem; never the value of a text, which may be a secret. */
export function described(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  return typeof value === 'string' ? 'text' : `${typeof value} ${String(value)}`
}

/** A number is taken as its text: a topic or a user name may look like one. */
export const text = declare<string>('text', { type: ['string', 'number'] }, (value) => {
  if (typeof value === 'string') return { value }
  if (typeof value === 'number' || typeof value === 'bigint') return { value: String(value) }
  return wrong('text', value)
})

/** A path; relative ones start at the folder of the YAML file, and what begins as a URL does is left alone. */
export const path = declare<string>('path', { type: 'string' }, (value) =>
  typeof value === 'string' && value !== '' ? { value } : wrong('a path', value)
)

/** One path or several, likewise. */
export const paths = declare<readonly string[]>(
  'paths',
  { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  (value) => {
    const all: unknown[] = Array.isArray(value) ? value : [value]
    return all.length > 0 && all.every((one) => typeof one === 'string' && one !== '')
      ? { value: all as string[] }
      : wrong('a path or a list of paths', value)
  }
)

export const flag = declare<boolean>('flag', { type: 'boolean' }, (value) =>
  typeof value === 'boolean'
    ? { value }
    : value === 'true' || value === 'false'
      ? { value: value === 'true' }
      : wrong('true or false', value)
)

function digits(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
}

export const integer = declare<number>('integer', { type: 'integer' }, (given) => {
  const value = digits(given)
  return Number.isSafeInteger(value) && (value as number) >= 0
    ? { value: value as number }
    : wrong('a whole number, 0 or more', given)
})

export const number = declare<number>('number', { type: 'number' }, (given) => {
  const value = digits(given)
  return typeof value === 'number' && Number.isFinite(value) ? { value } : wrong('a number', given)
})

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86400 }

/** Seconds; `30`, `500ms`, `10s`, `5m`, `24h`, `7d`. */
export const duration = declare<number>('duration', { type: ['number', 'string'] }, (given) => {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)?$/.exec(String(given))
  return match && (typeof given === 'string' || typeof given === 'number')
    ? { value: Number(match[1]) * UNITS[match[2] ?? 's']! }
    : wrong('a time such as 30, 500ms, 10s, 5m, 24h or 7d', given)
})

const SIZES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1 << 20,
  gib: 1 << 30
}

/** Bytes; `32000000`, `32 MB`, `32 MiB`. */
export const bytes = declare<number>('bytes', { type: ['integer', 'string'] }, (given) => {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?i?b)?$/i.exec(String(given))
  return match && (typeof given === 'string' || typeof given === 'number')
    ? { value: Math.floor(Number(match[1]) * SIZES[(match[2] ?? 'b').toLowerCase()]!) }
    : wrong('a size such as 32000000, 32 MB or 32 MiB', given)
})

/** A list of texts; one text stands for a list of one. */
export const list = declare<readonly string[]>(
  'list',
  { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  (value) => {
    if (typeof value === 'string') return { value: [value] }
    return Array.isArray(value) && value.every((item) => typeof item === 'string')
      ? { value }
      : wrong('a list of texts', value)
  }
)

/** A map of anything; what stands in it is the component's own matter. */
export const map = declare<Readonly<Record<string, unknown>>>('map', { type: 'object' }, (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { value: value as Record<string, unknown> }
    : wrong('a map', value)
)

/** One of a few words, in any case; given back as declared. */
export function choice<const C extends string>(
  doc: string,
  choices: readonly C[],
  more: Required | Fallback<NoInfer<C>>
): Field<C>
export function choice<const C extends string>(doc: string, choices: readonly C[], more?: More): Field<C | undefined>
export function choice<const C extends string>(
  doc: string,
  choices: readonly C[],
  more: More = {}
): Field<C | undefined> {
  const read: Reader<C> = (value) => {
    const found = choices.find((word) => word.toLowerCase() === String(value).toLowerCase())
    return found === undefined ? { problem: `expected one of ${choices.join(', ')}` } : { value: found }
  }
  return field<C>('choice', doc, more, { enum: choices }, read, choices) as Field<C | undefined>
}
