/** What a service answered, as a record; undefined: it is none. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}

/** The text of that name. */
export function textIn(record: Readonly<Record<string, unknown>> | undefined, name: string): string | undefined {
  const value = record?.[name]
  return typeof value === 'string' ? value : undefined
}

/** The records in the list of that name; what is none is left out. */
export function recordsIn(
  record: Readonly<Record<string, unknown>> | undefined,
  name: string
): readonly Readonly<Record<string, unknown>>[] {
  const value = record?.[name]
  const items: readonly unknown[] = Array.isArray(value) ? value : []
  return items.map(recordOf).filter((item) => item !== undefined)
}

/** A map of texts; what is none is left out. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  const texts = Object.entries(recordOf(value) ?? {}).filter((entry): entry is [string, string] => {
    return typeof entry[1] === 'string'
  })
  return Object.fromEntries(texts)
}
