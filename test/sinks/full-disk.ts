/** Run under a limit of file size: a write fails half-way, the file is cut back, and a smaller one goes through. */
import { readFileSync } from 'node:fs'
import { FileSink } from '../../src/sinks/file.ts'
import { sinkSetup, sourceOf } from '../contract/sink-bench.ts'

// Else the system ends the process where it should say EFBIG.
process.on('SIGXFSZ', () => {})

const path = process.argv[2]!
const options = {
  PATH: path,
  FORMAT: 'payload',
  ROTATE_BYTES: undefined,
  ROTATE: undefined,
  KEY_FILE: undefined,
  PROJECT: undefined,
  TESTID: undefined
} as const
const sink = new FileSink(options, sinkSetup())
const place = (value: string) => sink.place({ value }, sourceOf())
const { signal } = new AbortController()

await sink.write([place('a'.repeat(1000))], signal)
const large = [place('b'.repeat(100_000))]
const codes: unknown[] = []
for (let attempt = 0; attempt < 2; attempt++) {
  await sink.write(large, signal).catch((error) => codes.push(error.code, error.remedy))
  codes.push(readFileSync(path, 'utf8').length)
}
await sink.write([place('c'.repeat(1000))], signal)
await sink.close()
console.log(JSON.stringify(codes))
