import Module from 'node:module'
import { PittGoogleRestAlertStream } from '../../src/streams/pitt-google-rest.ts'
import { streamSetup } from '../contract/stream-bench.ts'
import { restOptionsOf } from './options.ts'

/** Reads one message over HTTP and says which modules that took: node rest-and-modules.ts PROJECT TOPIC ENDPOINT FILE */
const [PROJECT = '', topic = '', ENDPOINT, TOKEN_FILE] = process.argv.slice(2)
const options = restOptionsOf({ PROJECT, TOPIC_PROJECT: PROJECT, ENDPOINT, TOKEN_FILE })
const stream = new PittGoogleRestAlertStream(options, streamSetup({ topics: [topic] }))
await stream.connect(AbortSignal.timeout(10_000))
for await (const batch of stream.read(AbortSignal.timeout(10_000))) {
  for (const delivery of batch) delivery.ack()
  break
}
await stream.close()
const { _cache: cache } = Module as unknown as { readonly _cache: Readonly<Record<string, unknown>> }
process.stdout.write(Object.keys(cache).join('\n'))
