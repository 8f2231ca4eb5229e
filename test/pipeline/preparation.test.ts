import { describe, expect, test, vi } from 'vitest'
import type { Message } from '../../src/contract/alert.ts'
import type { Codec } from '../../src/contract/codec.ts'
import { AlertStreamsError } from '../../src/contract/errors.ts'
import { compileFilter } from '../../src/filter/index.ts'
import { MemoryApp, routeOf } from '../fakes/app.ts'
import { messageOf } from '../fakes/message.ts'

/** Reads what it has fetched for a message; fetching fails while `away` is true. */
class FetchingCodec implements Codec {
  readonly name = 'fetching'
  away = false
  fetched = 0
  refuse: string | undefined
  readonly #needs: (message: Message) => boolean

  constructor(needs: (message: Message) => boolean = () => true) {
    this.#needs = needs
  }

  prepare(message: Message): Promise<Message> | undefined {
    return this.#needs(message) ? this.#fetch(message) : undefined
  }

  async #fetch(message: Message): Promise<Message> {
    await Promise.resolve()
    this.fetched++
    if (this.refuse !== undefined) throw new AlertStreamsError('DECODE_FAILED', this.refuse)
    if (this.away) throw new AlertStreamsError('FETCH_FAILED', 'the registry is away', { remedy: 'Wait.' })
    const bytes = Buffer.from(`{"stored": ${message.offset}}`)
    return { ...message, bytes, headers: [['stored', Buffer.from('yes')]], size: bytes.length }
  }

  decode({ bytes }: Message): unknown {
    return JSON.parse(Buffer.from(bytes!).toString())
  }

  encode(): never {
    throw new Error('not used')
  }
}

const even = ({ offset }: Message) => Number(offset) % 2 === 0

describe('what decoding needs', () => {
  test('is fetched before anybody reads it; what is republished and the dead letter stay what came', async () => {
    const app = new MemoryApp()
    const codec = new FetchingCodec()
    const seen: unknown[] = []
    const route = routeOf(
      (alert) => {
        seen.push([alert.payload(), alert.header('stored')])
        if (alert.offset === '1') throw new Error('no')
        return alert
      },
      { codec: () => codec, deadLetter: 'dead' }
    )
    const source = app.stream('one', [route])
    const messages = [messageOf(0), messageOf(1)]
    source.publish(...messages)
    source.end()
    await app.run()
    expect(seen).toEqual([
      [{ stored: 0 }, 'yes'],
      [{ stored: 1 }, 'yes']
    ])
    expect(app.sinks.out!.written[0]!.outgoing).toMatchObject({ value: messages[0]!.bytes, headers: [] })
    expect(app.sinks.dead!.written[0]!.outgoing).toMatchObject({ value: messages[1]!.bytes, headers: [] })
  })

  test('is not fetched where nobody reads the payload', async () => {
    const app = new MemoryApp()
    const codec = new FetchingCodec()
    const source = app.stream('one', [routeOf(undefined, { codec: () => codec })])
    source.publish(messageOf(0))
    source.end()
    await app.run()
    expect([codec.fetched, app.row()?.delivered]).toEqual([0, 1])
  })

  test('that is away is asked for again, said and shown; what needs nothing goes on, and nothing is lost', async () => {
    const app = new MemoryApp()
    const codec = new FetchingCodec(even)
    codec.away = true
    const filter = compileFilter('has(stored) || has(number)')
    const source = app.stream('one', [routeOf(undefined, { codec: () => codec, filter, concurrency: 2 })])
    source.publish(...Array.from({ length: 6 }, (_, n) => messageOf(n, { partition: n % 2 })))
    source.end()
    const ended = app.run()
    await vi.waitFor(() => expect(app.sinks.out!.written).toHaveLength(3))
    expect(app.account.stream('one').missing).toBe('the registry is away')
    expect(app.log.texts('error').filter((text) => text.includes('the registry is away'))).toHaveLength(1)
    expect(app.row()).toMatchObject({ received: 6, inFlight: 3, deadLettered: 0 })
    codec.away = false
    await ended
    expect(app.account.stream('one').missing).toBeUndefined()
    expect(app.row()).toMatchObject({ received: 6, delivered: 6 })
    const order = app.sinks.out!.written.map(({ source: { message } }) => Number(message.offset))
    expect(order.filter((n) => n % 2 === 0)).toEqual([0, 2, 4])
  })

  test('that can never be had makes a dead letter', async () => {
    const app = new MemoryApp()
    const codec = new FetchingCodec()
    codec.refuse = 'there is no such schema'
    const source = app.stream('one', [routeOf(() => undefined, { codec: () => codec, deadLetter: 'dead' })])
    source.publish(messageOf(0))
    source.end()
    await app.run()
    expect(app.sinks.dead!.written[0]!.source.failure).toMatchObject({ code: 'DECODE_FAILED' })
  })

  test('that is away when the process must end is given back', async () => {
    const app = new MemoryApp()
    const codec = new FetchingCodec()
    codec.away = true
    const source = app.stream('one', [routeOf(() => undefined, { codec: () => codec })])
    source.publish(messageOf(0))
    const ended = app.run()
    await vi.waitFor(() => expect(codec.fetched).toBeGreaterThan(0))
    app.stop.abort()
    app.abandon.abort()
    expect(await ended).toMatchObject({ abandoned: true })
    expect(source.acked.size).toBe(0)
    expect(app.row()).toMatchObject({ received: 1, givenBack: 1 })
  })
})

test('a flood of failed alerts does not flood the log; the account counts them all', async () => {
  const app = new MemoryApp()
  const route = routeOf(
    () => {
      throw new Error('no')
    },
    { deadLetter: 'dead' }
  )
  const source = app.stream('one', [route])
  source.publish(...Array.from({ length: 200 }, (_, n) => messageOf(n)))
  source.end()
  await app.run()
  expect(app.row()?.deadLettered).toBe(200)
  expect(app.log.texts('warn').filter((text) => text.startsWith('dead letter')).length).toBeLessThan(30)
})
