import { parseArgs } from 'node:util'
import { loadConfig } from '../config/index.ts'
import { adviceOf } from '../contract/errors.ts'
import { bestKey } from '../contract/topics.ts'
import { createLog } from '../observe/log.ts'
import { counted } from './check.ts'
import { exitCodes } from './exit-codes.ts'
import { UsageError } from './usage-error.ts'

/** Milliseconds. */
const PATIENCE = 30_000

/** Lists the topics that streams can see at their source, and the key of TOPIC_HANDLERS that takes each; reads nothing. */
export async function topics(args: readonly string[]): Promise<number> {
  const { values, positionals: files } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { stream: { type: 'string' } }
  })
  const loaded = await loadConfig(files, { colour: process.stderr.isTTY === true })
  if (loaded.config === undefined) {
    process.stderr.write(`${loaded.problems}\n\n${counted(loaded.count, 'problem')}\n`)
    return exitCodes.invalid
  }
  const { streams, baseDir, runner, secrets } = loaded.config
  const known = streams.map(({ id }) => id).join(', ')
  const chosen = streams.filter(({ id }) => values.stream === undefined || id === values.stream)
  if (chosen.length === 0) throw new UsageError(`there is no active stream ${values.stream}; there are ${known}`)
  const log = createLog('error', secrets, { format: runner.logFormat })
  let failed = false
  for (const { id, routes, make } of chosen) {
    const keys = routes.map(({ key }) => key)
    const stream = make({ id, topics: keys, room: noRoom, log, baseDir, stateDir: runner.stateDir, note: () => {} })
    try {
      const found = await stream.visibleTopics?.(AbortSignal.timeout(PATIENCE))
      if (found === undefined) process.stdout.write(`${id}: its source has no list of topics\n`)
      for (const topic of found ?? []) process.stdout.write(`${id}: ${topic}: ${takenBy(topic, keys)}\n`)
    } catch (error) {
      failed = true
      process.stderr.write(`alertstreams topics: ${adviceOf(error)}\n`)
    } finally {
      await stream.close().catch(() => undefined)
    }
  }
  return failed ? exitCodes.failed : exitCodes.done
}

function takenBy(topic: string, keys: readonly string[]): string {
  const key = bestKey(topic, keys)
  if (key === undefined) return 'not read'
  return key === topic ? 'read' : `read by ${key}`
}

/** Nothing is read. */
const noRoom = { admit: () => false, wait: () => Promise.resolve(), most: 1 }
