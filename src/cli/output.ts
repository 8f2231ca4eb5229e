import { once } from 'node:events'
import { exitCodes } from './exit-codes.ts'

/** Standard output. Who reads it may stop early, as `head` does: then the process ends, and nothing is wrong. */
export function openOutput(): (content: string | Uint8Array) => Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.stderr.write(`alertstreams: standard output: ${error.message}\n`)
    process.exit(error.code === 'EPIPE' ? exitCodes.done : exitCodes.failed)
  })
  return async (content) => {
    if (!process.stdout.write(content)) await once(process.stdout, 'drain')
  }
}
