import { parseArgs } from 'node:util'
import { eachStream } from './each-stream.ts'
import { exitCodes } from './exit-codes.ts'

/** Milliseconds. */
const PATIENCE = 60_000

/** Deletes the subscriptions of streams at their source, which nothing else does; without --yes it only names them. */
export async function unsubscribe(args: readonly string[]): Promise<number> {
  const { values, positionals: files } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { stream: { type: 'string' }, yes: { type: 'boolean', default: false } }
  })
  const asked = { command: 'unsubscribe', files, only: values.stream, level: 'warn' } as const
  const code = await eachStream(asked, async (id, stream) => {
    const { subscriptions = [] } = stream
    const deleted = values.yes ? ((await stream.unsubscribe?.(AbortSignal.timeout(PATIENCE))) ?? []) : []
    for (const name of subscriptions) {
      const fate = deleted.includes(name) ? 'deleted' : values.yes ? 'was not there' : 'would be deleted'
      process.stdout.write(`${id}: ${name}: ${fate}\n`)
    }
    if (subscriptions.length === 0) process.stdout.write(`${id}: has no subscriptions\n`)
  })
  if (!values.yes && code !== exitCodes.invalid)
    process.stdout.write('Nothing was deleted: --yes does it, and what they hold is lost.\n')
  return code
}
