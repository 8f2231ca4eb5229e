import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe } from 'vitest'
import { describePubsub } from '../setup/services.ts'
import { installGcs, startGcs } from '../services/gcs.ts'
import { whyMissing } from '../services/missing.ts'

const missing = await whyMissing('no Cloud Storage server', installGcs)

/** A suite that needs a Cloud Storage server. */
export function describeStorage(title: string, suite: () => void): void {
  describe.skipIf(missing !== undefined)(missing === undefined ? title : `${title} (${missing})`, suite)
}

/** A suite that needs a Pub/Sub server too. */
export function describeStorageAndPubsub(title: string, suite: () => void): void {
  describePubsub(title, () => describeStorage('with Cloud Storage', suite))
}

export interface Refusal {
  readonly status: number
  readonly body?: unknown
}

/** A Cloud Storage server of its own with one bucket, and between it and us what a network and Google do to requests. */
export class CloudStorage {
  readonly bucket: string
  /** host:port, for STORAGE_EMULATOR_HOST. */
  readonly host: string
  /** Method and decoded path of each request, in order. */
  readonly asked: string[] = []
  /** Instead of the server's answer; `cut`: the connection ends, once the server has done what was asked. */
  instead: ((request: IncomingMessage) => Refusal | 'cut' | undefined) | undefined
  readonly #server: Awaited<ReturnType<typeof startGcs>>
  readonly #proxy: ReturnType<typeof createServer>

  static async start(bucket = 'a-bucket'): Promise<CloudStorage> {
    const server = await startGcs()
    if (bucket !== '') await server.makeBucket(bucket)
    const storage = new CloudStorage(server, bucket)
    await once(storage.#proxy.listen(0, '127.0.0.1'), 'listening')
    ;(storage as { host: string }).host = `127.0.0.1:${(storage.#proxy.address() as AddressInfo).port}`
    return storage
  }

  private constructor(server: Awaited<ReturnType<typeof startGcs>>, bucket: string) {
    this.bucket = bucket
    this.host = ''
    this.#server = server
    this.#proxy = createServer(async (request, response) => {
      this.asked.push(`${request.method} ${decodeURIComponent(request.url!)}`)
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const instead = this.instead?.(request)
      if (instead !== undefined && instead !== 'cut') {
        return void response.writeHead(instead.status).end(JSON.stringify(instead.body ?? {}))
      }
      const type = request.headers['content-type']
      const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }
      const headers = type === undefined ? {} : { 'Content-Type': type }
      const upstream = await fetch(`${server.url}${request.url}`, { method: request.method!, headers, ...body })
      const answer = Buffer.from(await upstream.arrayBuffer())
      if (instead === 'cut') return void response.destroy()
      response.writeHead(upstream.status).end(answer)
    })
  }

  put(name: string, bytes: Uint8Array | string, bucket = this.bucket): Promise<void> {
    return this.#server.put(bucket, name, bytes)
  }

  /** All objects, by name. */
  async objects(bucket = this.bucket): Promise<ReadonlyMap<string, Buffer>> {
    const found = new Map<string, Buffer>()
    for (const name of await this.names(bucket)) {
      const url = `${this.#server.url}/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}?alt=media`
      found.set(name, Buffer.from(await (await fetch(url)).arrayBuffer()))
    }
    return found
  }

  /** The names of all objects, sorted. */
  async names(bucket = this.bucket): Promise<readonly string[]> {
    const listed = await fetch(`${this.#server.url}/storage/v1/b/${bucket}/o?maxResults=5000`)
    const { items = [] } = (await listed.json()) as { items?: readonly { readonly name: string }[] }
    return items.map(({ name }) => name).toSorted()
  }

  async stop(): Promise<void> {
    this.#proxy.close()
    this.#proxy.closeAllConnections()
    await this.#server.stop()
  }
}
