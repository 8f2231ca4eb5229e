/** What the importer has to say, for people. */
export interface Note {
  /** Of the settings file. */
  readonly line: number
  readonly text: string
  readonly remedy: string | undefined
}

/** Collects what could not be carried over, and what the YAML needs beside it. */
export class Notes {
  /** As shown in remarks. */
  readonly file: string
  readonly #notes: Note[] = []
  /** Environment variables that have to be set. */
  readonly variables = new Set<string>()
  /** Handlers that have to be written: path to the dotted name that it stands for. */
  readonly handlers = new Map<string, string>()
  /** Secrets that stand in the settings, by the variable that is to hold each. */
  readonly #secrets = new Map<string, string>()

  constructor(file: string) {
    this.file = file
  }

  /** Gives it back as a remark for the place in the YAML. */
  add(line: number, text: string, remedy?: string): string {
    const known = this.#notes.some((note) => note.line === line && note.text === text)
    if (!known) this.#notes.push({ line, text, remedy })
    return `${text} (${this.file}:${line})`
  }

  /** The path of a handler that stands for one of Python's; different ones have different paths. */
  handlerFor(dotted: string): string {
    const words = dotted.split('.').map((word) => word.replaceAll('_', '-').toLowerCase())
    for (let taken = 1; ; taken++) {
      const path = `./handlers/${words.slice(-taken).join('-')}.ts`
      const other = this.handlers.get(path)
      if (other !== undefined && other !== dotted && taken < words.length) continue
      this.handlers.set(path, dotted)
      return path
    }
  }

  get all(): readonly Note[] {
    return this.#notes.toSorted((a, b) => a.line - b.line)
  }

  /** The name of a variable for a secret: one for each value. */
  variableFor(wanted: string, secret: string): string {
    let name = wanted
    for (let n = 2; this.#secrets.has(name) && this.#secrets.get(name) !== secret; n++) name = `${wanted}_${n}`
    this.#secrets.set(name, secret)
    return name
  }
}
