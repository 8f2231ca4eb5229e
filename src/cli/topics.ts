import { parseArgs } from 'node:util'
import { bestKey } from '../contract/topics.ts'
import { eachStream } from './each-stream.ts'

/** Milliseconds. */
const PATIENCE = 30_000

/** Lists the topics that streams can see at their source, and the key of TOPIC_HANDLERS that takes each; reads nothing. */
export async function topics(args: readonly string[]): Promise<number> {
  const { values, positionals: files } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { stream: { type: 'string' } }
  })
  return eachStream({ command: 'topics', files, only: values.stream, level: 'error' }, async (id, stream, keys) => {
    const found = await stream.visibleTopics?.(AbortSignal.timeout(PATIENCE))
    if (found === undefined) process.stdout.write(`${id}: its source has no list of topics\n`)
    if (found?.length === 0) process.stdout.write(`${id}: no topic is there that it could see\n`)
    for (const topic of found ?? []) process.stdout.write(`${id}: ${topic}: ${takenBy(topic, keys)}\n`)
  })
}

function takenBy(topic: string, keys: readonly string[]): string {
  const key = bestKey(topic, keys)
  if (key === undefined) return 'not read'
  return key === topic ? 'read' : `read by ${key}`
}
