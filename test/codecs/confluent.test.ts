import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Codec } from '../../src/contract/codec.ts'
import { candidateContainer } from './candidate.ts'
import { lengthPrefixed, zigZag } from './container.ts'
import { lsstAlert } from './lsst-sample.ts'
import { madeCodec } from './made.ts'
import { messageOf } from './message.ts'

const schema = {
  type: 'record',
  name: 'roman.alert',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'name', type: 'string' }
  ]
}
const framed = (id: number) => {
  const frame = Buffer.alloc(5)
  frame.writeUInt32BE(id, 1)
  return messageOf(Buffer.concat([frame, zigZag(2n ** 60n), lengthPrefixed(Buffer.from('x'))]))
}
const value = { id: 2n ** 60n, name: 'x' }
const failure = (code: string, text = '') => expect.objectContaining({ code, message: expect.stringContaining(text) })

interface Answer {
  readonly status?: number
  readonly body: unknown
  readonly delay?: number
}

/** A registry on a real port, which answers what it is told to. */
class Registry {
  answers: Record<string, Answer> = {}
  asked: string[] = []
  authorization: string | undefined
  #server: Server | undefined
  port = 0

  async open(): Promise<void> {
    this.#server = createServer((request, response) => {
      this.asked.push(request.url!)
      this.authorization = request.headers.authorization
      const {
        status = 200,
        body,
        delay = 0
      } = this.answers[request.url!] ?? { status: 404, body: { error_code: 40403 } }
      setTimeout(() => response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body)), delay)
    })
    await new Promise<void>((resolve) => this.#server!.listen(this.port, '127.0.0.1', resolve))
    this.port = (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise((resolve) => this.#server?.close(resolve))
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/api/`
  }
}

let registry: Registry
const folders: string[] = []
const newFolder = () => {
  folders.push(mkdtempSync(join(tmpdir(), 'confluent-')))
  return folders.at(-1)!
}
beforeEach(async () => {
  registry = new Registry()
  await registry.open()
  registry.answers['/api/schemas/ids/7'] = { body: { schema: JSON.stringify(schema) } }
})
afterEach(async () => {
  vi.useRealTimers()
  await registry.close()
})
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

const signal = new AbortController().signal
const codecOf = (options: Record<string, unknown> = {}, stateDir = newFolder()) =>
  madeCodec('confluent', { REGISTRY: registry.url, ...options }, { stateDir })

async function read(codec: Codec, id: number): Promise<unknown> {
  const message = framed(id)
  return codec.decode((await codec.prepare!(message, signal)) ?? message)
}

describe('a schema in the registry', () => {
  test('is fetched once, however many wait for it', async () => {
    const codec = codecOf()
    expect(await Promise.all(Array.from({ length: 20 }, () => read(codec, 7)))).toEqual(Array(20).fill(value))
    expect(registry.asked).toEqual(['/api/schemas/ids/7'])
    expect(codec.prepare!(framed(7), signal)).toBeUndefined()
    expect(codec.decode(framed(7), [['name']])).toEqual({ name: 'x' })
  })

  test('is kept on disk for ever, and read from there when the registry is away', async () => {
    const stateDir = newFolder()
    await read(codecOf({}, stateDir), 7)
    await registry.close()
    const later = codecOf({}, stateDir)
    expect(later.prepare!(framed(7), signal)).toBeUndefined()
    expect(later.decode(framed(7))).toEqual(value)
    const other = codecOf({ REGISTRY: `${registry.url}other` }, stateDir)
    await expect(other.prepare!(framed(7), signal)).rejects.toThrow(failure('FETCH_FAILED'))
  })

  test('a damaged file is as good as none', async () => {
    const stateDir = newFolder()
    await read(codecOf({}, stateDir), 7)
    const [folder] = readdirSync(join(stateDir, 'schemas'))
    const files = readdirSync(join(stateDir, 'schemas', folder!))
    expect(files).toEqual(['7.avsc'])
    writeFileSync(join(stateDir, 'schemas', folder!, '7.avsc'), '{"type":')
    expect(await read(codecOf({}, stateDir), 7)).toEqual(value)
    expect(registry.asked).toHaveLength(2)
  })

  test('may refer to others', async () => {
    const id = { type: 'fixed', name: 'ids.id', size: 2 }
    const position = { type: 'record', name: 'sky.position', fields: [{ name: 'id', type: 'ids.id' }] }
    const root = {
      type: 'record',
      name: 'root',
      fields: [
        { name: 'at', type: 'sky.position' },
        { name: 'id', type: 'ids.id' }
      ]
    }
    const refersTo = (...subjects: string[]) => subjects.map((subject) => ({ name: subject, subject, version: 3 }))
    registry.answers['/api/schemas/ids/9'] = {
      body: { schema: JSON.stringify(root), references: refersTo('sky/position', 'id') }
    }
    registry.answers['/api/subjects/sky%2Fposition/versions/3'] = {
      body: { schema: JSON.stringify(position), references: refersTo('id') }
    }
    registry.answers['/api/subjects/id/versions/3'] = { body: { schema: JSON.stringify(id) } }
    const message = messageOf(Buffer.from([0, 0, 0, 0, 9, 1, 2, 3, 4]))
    const stateDir = newFolder()
    const codec = codecOf({}, stateDir)
    await codec.prepare!(message, signal)
    const decoded = { at: { id: new Uint8Array([1, 2]) }, id: new Uint8Array([3, 4]) }
    expect(codec.decode(message)).toEqual(decoded)
    await registry.close()
    expect(codecOf({}, stateDir).decode(message)).toEqual(decoded)
  })

  test('is asked for with user name and password', async () => {
    await read(codecOf({ REGISTRY_USER: 'me', REGISTRY_PASSWORD: 'pass:word' }), 7)
    const basic = `Basic ${Buffer.from('me:pass:word').toString('base64')}`
    expect(registry.authorization).toBe(basic)
    registry.authorization = undefined
    const stateDir = newFolder()
    writeFileSync(join(stateDir, 'password'), 'pass:word\n')
    const options = { REGISTRY: registry.url, REGISTRY_USER: 'me', REGISTRY_PASSWORD_FILE: 'password' }
    await read(madeCodec('confluent', options, { stateDir, baseDir: stateDir }), 7)
    expect(registry.authorization).toBe(basic)
    expect(() => madeCodec('confluent', options, { baseDir: join(stateDir, 'other') })).toThrow(
      failure('CONFIG_INVALID')
    )
    expect(() => madeCodec('confluent', { ...options, REGISTRY_PASSWORD: 'x' })).toThrow('REGISTRY_PASSWORD_FILE')
    expect(() => madeCodec('confluent', { REGISTRY_FILE: 'x' })).toThrow('REGISTRY_FILE is no option')
  })
})

describe('what can be had later is FETCH_FAILED, with what to do', () => {
  test('a registry that is away, and comes back', async () => {
    const codec = codecOf()
    await registry.close()
    await expect(read(codec, 7)).rejects.toThrow(failure('FETCH_FAILED', 'ECONNREFUSED'))
    await expect(read(codec, 7)).rejects.toMatchObject({ remedy: expect.stringContaining('REGISTRY') })
    await registry.open()
    expect(await read(codec, 7)).toEqual(value)
  })

  test.each([
    ['an error of the server', { status: 503, body: '' }, 'status 503'],
    ['no right', { status: 401, body: 'secret' }, 'status 401'],
    ['a page in place of JSON', { body: '<html>' }, 'something else than JSON'],
    ['an answer that never ends', { body: `"${'x'.repeat(3 << 20)}"` }, 'larger than'],
    ['no answer in time', { body: {}, delay: 5000 }, 'no answer within 0.3 s']
  ])('%s', async (_title, answer: Answer, text) => {
    registry.answers['/api/schemas/ids/7'] = answer
    const codec = codecOf({ TIMEOUT: '300ms', REGISTRY_USER: 'me', REGISTRY_PASSWORD: 'hidden' })
    const error = await read(codec, 7).catch((error: unknown) => error)
    expect(error).toEqual(failure('FETCH_FAILED', text))
    expect(JSON.stringify(error) + String(error)).not.toContain('hidden')
    registry.answers['/api/schemas/ids/7'] = { body: { schema: JSON.stringify(schema) } }
    expect(await read(codec, 7)).toEqual(value)
  })

  test('who can wait no longer is let go', async () => {
    registry.answers['/api/schemas/ids/7'] = { body: {}, delay: 5000 }
    const abandon = new AbortController()
    const waiting = codecOf().prepare!(framed(7), abandon.signal)
    setTimeout(() => abandon.abort(), 50)
    await expect(waiting).rejects.toThrow(failure('FETCH_FAILED'))
  })
})

describe('what can never be had is DECODE_FAILED', () => {
  test.each([
    ['an id that the registry has not', undefined],
    ['no schema', { body: { message: 'hello' } }],
    ['null', { body: 'null' }],
    ['another language', { body: { schema: 'message Alert {}', schemaType: 'PROTOBUF' } }],
    ['no JSON', { body: { schema: '{' } }],
    ['no Avro', { body: { schema: '{"type": "alert"}' } }]
  ])('%s; it is asked for again after a minute', async (_title, answer: Answer | undefined) => {
    if (answer) registry.answers['/api/schemas/ids/8'] = answer
    const codec = codecOf()
    for (let time = 0; time < 5; time++) await expect(read(codec, 8)).rejects.toThrow(failure('DECODE_FAILED'))
    expect(registry.asked).toHaveLength(1)
    registry.answers['/api/schemas/ids/8'] = { body: { schema: JSON.stringify(schema) } }
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
    expect(await read(codec, 8)).toEqual(value)
  })

  test('without a registry, an id that is none of LSST', () => {
    const codec = madeCodec('confluent')
    expect(codec.prepare!(framed(7), signal)).toBeUndefined()
    expect(() => codec.decode(framed(7))).toThrow(failure('DECODE_FAILED', 'schema, 7 in its registry, is not known'))
  })

  test.each([Buffer.alloc(0), Buffer.from([0, 0, 0]), candidateContainer()])('bytes without a frame', (bytes) => {
    const codec = codecOf()
    expect(codec.prepare!(messageOf(bytes), signal)).toBeUndefined()
    expect(() => codec.decode(messageOf(bytes))).toThrow(failure('DECODE_FAILED', 'does not begin with the byte 0'))
  })
})

describe('the bundle of LSST', () => {
  const { bytes, value: alert } = lsstAlert(1101)

  test("is used without a registry, and with one that is Rubin's or said to have the same ids", () => {
    const rubin = 'https://rubin-alert-schemas.slac.stanford.edu/schema-registry'
    const all = [{}, { REGISTRY: rubin }, { REGISTRY: registry.url, LSST_SCHEMAS: true }]
    for (const options of all) {
      const codec = madeCodec('confluent', options, { stateDir: newFolder() })
      expect(codec.prepare!(messageOf(bytes), signal)).toBeUndefined()
      expect(codec.decode(messageOf(bytes))).toEqual(alert)
    }
    expect(registry.asked).toEqual([])
  })

  test('is not used for the ids of another registry', async () => {
    const codec = codecOf()
    await expect(codec.prepare!(messageOf(bytes), signal)).rejects.toThrow(failure('DECODE_FAILED', 'nothing at'))
    expect(registry.asked).toEqual(['/api/schemas/ids/1101'])
  })
})

describe('writing', () => {
  test('needs a schema and its id', () => {
    const file = join(newFolder(), 'roman.avsc')
    writeFileSync(file, JSON.stringify(schema))
    const { bytes } = madeCodec('confluent', { SCHEMA: file, SCHEMA_ID: 7 }).encode(value)
    expect(Buffer.from(bytes)).toEqual(framed(7).bytes)
    expect(() => madeCodec('confluent').encode(value)).toThrow(failure('HANDLER_FAILED', 'no schema'))
    expect(() => madeCodec('confluent', { SCHEMA_ID: 1101 }).encode(value)).toThrow(
      failure('HANDLER_FAILED', 'id is no field of lsst.v11_1.alert')
    )
  })

  test.each(['registry', 'ftp://host/', 'https://me:pass@host/'])(
    'the URL %s is an invalid configuration',
    (REGISTRY) => {
      expect(() => madeCodec('confluent', { REGISTRY })).toThrow(failure('CONFIG_INVALID', 'REGISTRY'))
    }
  )
})
