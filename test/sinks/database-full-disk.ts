/** Run under a limit of file size: a write fails, again too, and a smaller one goes through. */
import { openSink, writeTo } from '../database/rows.ts'

// Else the system ends the process where it should say EFBIG.
process.on('SIGXFSZ', () => {})

const sink = openSink({ options: { PATH: process.argv[2]! }, rows: async () => [] })
await writeTo(sink, [{ id: 'a' }])
const outcome: unknown[] = []
for (let attempt = 0; attempt < 2; attempt++) {
  await writeTo(sink, [{ id: 'b', text: 'b'.repeat(1_000_000) }]).catch((error) => outcome.push(error.code))
}
await writeTo(sink, [{ id: 'c' }])
await sink.close()
console.log(JSON.stringify([...outcome, 'small is written']))
