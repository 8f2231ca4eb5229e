import { parseArgs } from 'node:util'
import { loadConfig } from '../config/index.ts'
import { adviceOf } from '../contract/errors.ts'
import { createLog } from '../observe/log.ts'
import { counted } from './check.ts'
import { exitCodes } from './exit-codes.ts'
import { UsageError } from './usage-error.ts'

/** Milliseconds. */
const PATIENCE = 60_000

/** Deletes the subscriptions of streams at their source, which nothing else does; without --yes it only names them. */
export async function unsubscribe(args: readonly string[]): Promise<number> {
  const { values, positionals: files } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { stream: { type: 'string' }, yes: { type: 'boolean', default: false } }
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
  const log = createLog('warn', secrets, { format: runner.logFormat })
  let failed = false
  for (const { id, routes, make } of chosen) {
    try {
      const topics = routes.map(({ key }) => key)
      const stream = make({ id, topics, room: noRoom, log, baseDir, stateDir: runner.stateDir, note: () => {} })
      const { subscriptions = [] } = stream
      const deleted = values.yes ? ((await stream.unsubscribe?.(AbortSignal.timeout(PATIENCE))) ?? []) : []
      for (const name of subscriptions) {
        const fate = deleted.includes(name) ? 'deleted' : values.yes ? 'was not there' : 'would be deleted'
        process.stdout.write(`${id}: ${name}: ${fate}\n`)
      }
      if (subscriptions.length === 0) process.stdout.write(`${id}: has no subscriptions\n`)
    } catch (error) {
      failed = true
      process.stderr.write(`alertstreams unsubscribe: ${adviceOf(error)}\n`)
    }
  }
  if (!values.yes) process.stdout.write('Nothing was deleted: --yes does it, and what they hold is lost.\n')
  return failed ? exitCodes.failed : exitCodes.done
}

/** Nothing is read. */
const noRoom = { admit: () => false, wait: () => Promise.resolve(), most: 1 }
