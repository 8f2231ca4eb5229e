import { loadConfig } from '../config/index.ts'
import { adviceOf } from '../contract/errors.ts'
import type { AlertStream } from '../contract/stream.ts'
import { createLog } from '../observe/log.ts'
import { counted } from './check.ts'
import { exitCodes } from './exit-codes.ts'
import { UsageError } from './usage-error.ts'

/** A stream that was made and not connected, its ID, and the keys of its TOPIC_HANDLERS. */
export type UnreadStream = readonly [id: string, stream: AlertStream, keys: readonly string[]]

interface Asked {
  /** Begins what is said of one that failed. */
  readonly command: string
  readonly files: readonly string[]
  /** The ID of the only one; undefined: all that are active. */
  readonly only: string | undefined
  readonly level: 'warn' | 'error'
}

/** Does something with streams of a configuration beside reading them: the exit code. One that fails is said, the others go on. */
export async function eachStream(
  { command, files, only, level }: Asked,
  work: (...unread: UnreadStream) => Promise<void>
): Promise<number> {
  const loaded = await loadConfig(files, { colour: process.stderr.isTTY === true })
  if (loaded.config === undefined) {
    process.stderr.write(`${loaded.problems}\n\n${counted(loaded.count, 'problem')}\n`)
    return exitCodes.invalid
  }
  const { streams, baseDir, runner, secrets } = loaded.config
  const chosen = streams.filter(({ id }) => only === undefined || id === only)
  if (chosen.length === 0) {
    throw new UsageError(`there is no active stream ${only}; there are ${streams.map(({ id }) => id).join(', ')}`)
  }
  const log = createLog(level, secrets, { format: runner.logFormat })
  let failed = false
  for (const { id, routes, make } of chosen) {
    const topics = routes.map(({ key }) => key)
    let stream: AlertStream | undefined
    try {
      stream = make({ id, topics, room: noRoom, log, baseDir, stateDir: runner.stateDir, note: () => {} })
      await work(id, stream, topics)
    } catch (error) {
      failed = true
      process.stderr.write(`alertstreams ${command}: ${adviceOf(error)}\n`)
    } finally {
      await stream?.close().catch(() => undefined)
    }
  }
  return failed ? exitCodes.failed : exitCodes.done
}

/** Nothing is read. */
const noRoom = { admit: () => false, wait: () => Promise.resolve(), most: 1 }
