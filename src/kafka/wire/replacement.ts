import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { reasonOf } from '../../contract/errors.ts'

const require = createRequire(import.meta.url)

/** The release that the replacements were written against. */
export const KAFKAJS_VERSION = '2.2.4'

/** One file of kafkajs that is exchanged for ours, or changed in place. */
export interface Replacement {
  /** What is lost without it, in a few words. */
  readonly what: string
  /** Relative to kafkajs' `src`. */
  readonly file: string
  /** The SHA-256 of the file that this replaces: another text may do something else. */
  readonly sha256: string
  /** Files that take hold of it when they load: once one has, a replacement comes too late. */
  readonly heldBy: readonly string[]
  /** Gets what the file exports and returns what it shall export. Throws if that cannot be had here. */
  make(original: unknown): unknown
}

/** Puts one file's replacement into the module cache. Answers why not, or undefined once it is done. */
export function replace({ file, sha256, heldBy, make }: Replacement): string | undefined {
  try {
    const version: unknown = require('kafkajs/package.json').version
    if (version !== KAFKAJS_VERSION) return `kafkajs is ${version}, not ${KAFKAJS_VERSION}`
    const path = pathOf(file)
    if (hash('sha256', readFileSync(path)) !== sha256) return `kafkajs' ${file} is not the known one`
    const early = heldBy.find((user) => require.cache[pathOf(user)] !== undefined)
    if (early !== undefined) return `kafkajs' ${early} was loaded before`
    const original = loadPart(file)
    const module = require.cache[path]
    if (module === undefined) return 'there is no module cache'
    module.exports = make(original)
    return undefined
  } catch (error) {
    return reasonOf(error)
  }
}

/** What a file of kafkajs exports. */
export function loadPart(file: string): unknown {
  return require(`kafkajs/src/${file}`)
}

export function loadKafkajs(): typeof import('kafkajs') {
  return require('kafkajs')
}

function pathOf(file: string): string {
  return require.resolve(`kafkajs/src/${file}`)
}
