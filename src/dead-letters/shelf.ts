import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { deadLettersIn } from '../archive/dead-letters.ts'
import { refusedPath } from '../archive/refused.ts'
import type { Config, SinkConfig } from '../contract/config.ts'
import type { DeadLetter } from '../contract/dead-letter.ts'
import type { Logger } from '../contract/log.ts'

/** Where dead letters lie: a sink, or the file for those that their sink refused. */
export interface Shelf {
  readonly name: string
  /** What it is, for people. */
  readonly kind: string
  /** Those that lie there now, in order. Undefined: they cannot be read back. */
  readonly letters: (() => AsyncIterable<DeadLetter>) | undefined
}

/** The name of the file in STATE_DIR among the sinks. */
const REFUSED = 'STATE_DIR'

/** The sinks that some DEAD_LETTER names, in the order of SINKS, and the file in STATE_DIR. Connects to nothing. */
export function shelvesOf(config: Config, log: Logger): readonly Shelf[] {
  const named = new Set(
    config.streams.flatMap(({ deadLetter, routes }) => [deadLetter, ...routes.map((route) => route.deadLetter)])
  )
  const path = refusedPath(config.runner.stateDir)
  const file = { path, name: basename(path) }
  return [
    ...config.sinks.filter(({ name }) => named.has(name)).map((sink) => shelfOf(sink, config, log)),
    { name: REFUSED, kind: path, letters: () => deadLettersIn(existsSync(path) ? [file] : [], log) }
  ]
}

function shelfOf({ name, kind, make }: SinkConfig, { baseDir, runner }: Config, log: Logger): Shelf {
  const sink = make({ name, log, baseDir, stateDir: runner.stateDir, member: undefined })
  return { name, kind, letters: sink.deadLetters && (() => sink.deadLetters!()) }
}
