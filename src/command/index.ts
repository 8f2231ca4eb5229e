import type { RouteHandler } from '../contract/handler.ts'
import { Pool } from './pool.ts'
import type { Program } from './program.ts'

export type { Program } from './program.ts'

/** A handler that is a program of any language: nothing is started before it is opened. */
export function commandHandler(program: Program): RouteHandler {
  // While each of them works on a call, the next for each is made ready.
  return { name: program.name, concurrency: 2 * program.workers, open: (setup) => new Pool(program, setup) }
}
