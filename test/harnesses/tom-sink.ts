import { randomBytes } from 'node:crypto'
import { stringifyJson } from '../../src/codecs/json-text.ts'
import type { Outgoing, Placed, Rejection, Sink, SinkSetup, Source } from '../../src/contract/sink.ts'
import { TomSink } from '../../src/sinks/tom.ts'
import { type SinkHarness, sinkSetup, type Written } from '../contract/sink-bench.ts'
import { TcpProxy } from '../faults/proxy.ts'
import { readOptions } from '../kafka/options.ts'
import { freePorts } from '../services/process.ts'
import { PASSWORD, tom, TOKEN, type TomVersion } from '../services/tom.ts'

type Given = Readonly<Record<string, unknown>>

/** A sink with options as the configuration gives them. */
export function tomSink(options: Given, over: Partial<SinkSetup> = {}): TomSink {
  return new TomSink(readOptions(TomSink.fields, { USERNAME: 'observer', PASSWORD, ...options }), sinkSetup(over))
}

/**
 * A TOM takes measurements, so what the suite writes is a part of one, each at another time: bytes as base64, other values
 * as JSON. `written` takes it out again.
 */
class Wrapped implements Sink {
  readonly #sink: TomSink
  readonly #name: string

  constructor(sink: TomSink, name: string) {
    this.#sink = sink
    this.#name = name
  }

  connect(signal: AbortSignal): Promise<void> {
    return this.#sink.connect(signal)
  }

  place(outgoing: Outgoing, source: Source): Placed {
    const given = outgoing.value === NO_TIME ? {} : { mjd: 60_000 + sequence++ / 86_400 }
    const row = { target: this.#name, ...given, filter: 'r', magnitude: 18, source: outgoing.topic }
    const timestamp = given.mjd && new Date((given.mjd - 40_587) * 86_400_000).toISOString()
    const value = { filter: 'r', magnitude: 18, ...contentOf(outgoing.value) }
    const extra = { ...(timestamp && { timestamp }), value }
    return this.#sink.place({ ...outgoing, value: { table: 'photometry', row: { ...row, extra } } }, source)
  }

  write(batch: readonly Placed[], signal: AbortSignal): Promise<readonly Rejection[]> {
    return this.#sink.write(batch as Parameters<TomSink['write']>[0], signal)
  }

  close(): Promise<void> {
    return this.#sink.close()
  }
}

let sequence = 0
const NO_TIME = Symbol('a measurement without a time')

function contentOf(value: unknown): Given {
  if (value === NO_TIME) return {}
  return value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('base64') } : { json: stringifyJson(value) }
}

function unwrapped(value: unknown): Written {
  const { bytes, json } = JSON.parse(String(value)) as { bytes?: string; json?: string }
  return { key: null, headers: [], bytes: bytes === undefined ? Buffer.from(json!) : Buffer.from(bytes, 'base64') }
}

const DATA = { 2: 'tom_dataproducts_reduceddatum', 3: 'tom_dataproducts_photometryreduceddatum' } as const

/** To a TOM that many tests share, each with an object of its own, over connections that can be cut. */
export function tomSinkTo(version: TomVersion): SinkHarness {
  return {
    promises: { ordered: true, keepsKey: false, keepsHeaders: false, keepsNull: false, breaks: true, rejects: true },
    secrets: [PASSWORD, Buffer.from(`observer:${PASSWORD}`).toString('base64')],
    async setUp() {
      const { port: target, query, post } = await tom(version)
      const [port] = (await freePorts(1)) as [number]
      const proxy = new TcpProxy(port, target)
      await proxy.listen()
      const name = `of the suite ${randomBytes(4).toString('hex')}`
      await post('targets/', { name, type: 'SIDEREAL', ra: 10, dec: -10 })
      const url = `http://127.0.0.1:${port}/`
      return {
        topic: name,
        open: (over) => new Wrapped(tomSink({ URL: url }, over), name),
        written: async (topic) =>
          query(`SELECT value FROM ${DATA[version]} WHERE source_name = ? ORDER BY id`, topic).map(({ value }) =>
            unwrapped(value)
          ),
        breakTarget: async () => proxy.refuse(true),
        mendTarget: async () => proxy.refuse(false),
        impossible: () => ({ topic: name, value: NO_TIME }),
        tearDown: () => proxy.close()
      }
    },
    unreachable: (over) =>
      tomSink({ URL: 'http://127.0.0.1:9/', USERNAME: undefined, PASSWORD: undefined, TOKEN }, over)
  }
}
