/** What a file holds, by its name. */
export interface Form {
  /** By gzip, as a whole. */
  readonly packed: boolean
  /** A message a line, the whole file one alert (or a container of several), or files. */
  readonly holds: 'lines' | 'alerts' | 'files'
}

const HOLDS: Readonly<Record<string, Form['holds']>> = {
  ndjson: 'lines',
  jsonl: 'lines',
  avro: 'alerts',
  json: 'alerts',
  xml: 'alerts',
  bin: 'alerts',
  tar: 'files'
}

/** Undefined: none that we know. */
export function formOf(name: string): Form | undefined {
  const [, extension, packed] = /\.(\w+?)(\.gz)?$/i.exec(name.replace(/\.tgz$/i, '.tar.gz')) ?? []
  const holds = HOLDS[extension?.toLowerCase() ?? '']
  return holds && { packed: packed !== undefined, holds }
}

/** Of a file with another name that was asked for. */
export function unknownForm(name: string): Form {
  return { packed: /\.gz$/i.test(name), holds: 'alerts' }
}

/** The name of the folder of a file in an archive; empty: it lies at the top. */
export function folderOf(name: string): string {
  return name.split('/').at(-2) ?? ''
}

const DATE = /(?<!\d)(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)/g

/** The night that a file's name or, nearest first, that of a folder above it says as YYYYMMDD: its midnight, UTC. */
export function nightOf(name: string): Date | undefined {
  for (const part of name.split('/').reverse()) {
    for (const [, year, month, day] of [...part.matchAll(DATE)].reverse()) {
      const night = new Date(`${year}-${month}-${day}`)
      if (night.getUTCDate() === Number(day)) return night
    }
  }
  return undefined
}
