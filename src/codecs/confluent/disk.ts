import { hash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { reasonOf } from '../../contract/errors.ts'
import type { Logger } from '../../contract/log.ts'

/** The schemas of one registry in files. What an id means never changes: they are kept for ever. */
export class SchemaFiles {
  readonly #folder: string
  readonly #log: Logger
  #hasFailed = false

  constructor(stateDir: string, registry: string, log: Logger) {
    const name = `${registry.replace(/[^\w.-]+/g, '-').slice(0, 80)}-${hash('sha256', registry).slice(0, 8)}`
    this.#folder = join(stateDir, 'schemas', name)
    this.#log = log
  }

  read(id: number): Uint8Array | undefined {
    try {
      return readFileSync(join(this.#folder, `${id}.avsc`))
    } catch {
      return undefined
    }
  }

  /** A disk that is full is no reason to lose an alert. */
  write(id: number, schema: string): void {
    const file = join(this.#folder, `${id}.avsc`)
    try {
      mkdirSync(this.#folder, { recursive: true })
      writeFileSync(`${file}.${process.pid}`, schema, { flush: true })
      renameSync(`${file}.${process.pid}`, file)
    } catch (error) {
      if (!this.#hasFailed) this.#log.warn(`schemas can't be kept in ${this.#folder}: ${reasonOf(error)}`)
      this.#hasFailed = true
    }
  }
}
