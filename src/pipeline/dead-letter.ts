import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Work } from './work.ts'

/**
 * The last resort for a dead letter that its sink refused: a file in STATE_DIR, a JSON object a line in the format of
 * messages in files.
 */
export async function keepRefused(stateDir: string, work: Work): Promise<string> {
  const { message, failed } = work
  const base64 = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('base64'))
  const line = JSON.stringify({
    topic: message.topic,
    ...(message.offset === undefined ? { id: message.id } : { partition: message.partition, offset: message.offset }),
    timestamp: message.publishedAt?.toISOString(),
    key: base64(message.key),
    headers: message.headers.map(([name, value]) => [name, base64(value)]),
    value: base64(message.bytes),
    ...failed,
    stream: work.stream,
    route: work.route
  })
  const path = join(stateDir, 'refused-dead-letters.ndjson')
  await mkdir(stateDir, { recursive: true })
  const file = await open(path, 'a')
  try {
    await file.appendFile(`${line}\n`)
    await file.datasync()
  } finally {
    await file.close()
  }
  return path
}
