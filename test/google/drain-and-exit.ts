/** Run as a process: takes so many messages, acknowledges them right before `close`, and must then end by itself. */
import { PittGoogleAlertStream } from '../../src/streams/pitt-google.ts'
import { streamSetup } from '../contract/stream-bench.ts'
import { optionsOf } from './options.ts'

const [project = '', topic = '', count = ''] = process.argv.slice(2)
const options = optionsOf({ PROJECT: project, TOPIC_PROJECT: project })
const stream = new PittGoogleAlertStream(options, streamSetup({ topics: [topic] }))
await stream.connect(AbortSignal.timeout(10_000))
const stop = new AbortController()
const taken = []
for await (const batch of stream.read(stop.signal)) {
  taken.push(...batch)
  if (taken.length >= Number(count)) stop.abort()
}
for (const delivery of taken) delivery.ack()
await stream.close()
console.log(`closed after ${taken.length}`)
