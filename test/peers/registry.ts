import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** As much of a Confluent schema registry as its clients need to write and to read: ids count from 1. */
export async function startRegistry(): Promise<{ readonly url: string; close(): void }> {
  const schemas: string[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const answer = answerTo(request.method!, request.url!.split('?')[0]!, Buffer.concat(parts).toString(), schemas)
    const missing = { error_code: 40403, message: 'Schema not found' }
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? missing))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

function answerTo(method: string, path: string, body: string, schemas: string[]): object | undefined {
  const id = /^\/schemas\/ids\/(\d+)$/.exec(path)?.[1]
  if (method === 'GET' && id !== undefined) {
    const schema = schemas[Number(id) - 1]
    return schema === undefined ? undefined : { schema }
  }
  const subject = /^\/subjects\/([^/]+)(\/versions)?$/.exec(path)?.[1]
  if (method !== 'POST' || subject === undefined) return undefined
  const { schema } = JSON.parse(body) as { schema: string }
  if (!schemas.includes(schema)) schemas.push(schema)
  return { subject, id: schemas.indexOf(schema) + 1, version: schemas.indexOf(schema) + 1, schema }
}
