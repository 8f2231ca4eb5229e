import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AlertStyle } from './request.ts'

/** A program that handles alerts, as COMMAND describes it. */
export interface Program extends AlertStyle {
  /** The command as written, for people. */
  readonly name: string
  /** An executable file, absolute. */
  readonly file: string
  readonly args: readonly string[]
  /** Where it runs. */
  readonly folder: string
  readonly workers: number
  /** Seconds from its start to its first line. */
  readonly startTimeout: number
}

/** Beside `src`, in a clone and in the built package alike. */
const PYTHON = fileURLToPath(new URL('../../handlers/python', import.meta.url))

/** The environment that we were given, in which Python finds our module. */
export function environment(): NodeJS.ProcessEnv {
  const { PYTHONPATH } = process.env
  return { ...process.env, PYTHONPATH: PYTHONPATH ? `${PYTHON}${delimiter}${PYTHONPATH}` : PYTHON }
}
