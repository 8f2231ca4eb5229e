import { expect } from 'vitest'
import type { ErrorCode } from '../../src/contract/errors.ts'
import { AlertStreamsError } from '../../src/contract/errors.ts'
import type { AlertStream } from '../../src/contract/stream.ts'
import { PATIENCE } from './reading.ts'
import { TestRoom } from './room.ts'
import { type Check, numbered, numberOf, type StreamHarness } from './stream-bench.ts'

/** Milliseconds that count as prompt on a busy machine. */
const PROMPT = 5_000

/** It takes no more than it may, stops when told, and says clearly why it cannot. */
export function limitTests(harness: StreamHarness, check: Check): void {
  check('it hands out no more than the room admits, and goes on when something is released', async (bench) => {
    const count = 12
    await bench.stage.publish(numbered(count).map((one) => ({ ...one, bytes: padded(one.bytes!, 4_000) })))
    const room = new TestRoom(10_000)
    const reading = await bench.read(room)
    const numbers: number[] = []
    while (numbers.length < count) {
      const [next] = await reading.take(1)
      expect(room.held).toBeLessThanOrEqual(room.most)
      expect(reading.deliveries.length - numbers.length).toBeLessThanOrEqual(2)
      numbers.push(numberOf(next!))
      reading.ack([next!])
    }
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i))
  })

  check('a message larger than the whole room is admitted alone', async (bench) => {
    await bench.stage.publish(numbered(3).map((one) => ({ ...one, bytes: padded(one.bytes!, 4_000) })))
    const reading = await bench.read(new TestRoom(100))
    for (let i = 0; i < 3; i++) reading.ack(await reading.take(1))
  })

  check('aborting ends read promptly, with work in hand and a full room', async (bench) => {
    await bench.stage.publish(numbered(20))
    const reading = await bench.read(new TestRoom(60))
    await reading.take(1)
    const start = Date.now()
    await reading.stop()
    expect(Date.now() - start).toBeLessThan(PROMPT)
  })

  check('close is harmless twice, unread, and unconnected', async (bench) => {
    await bench.stage.publish(numbered(1))
    const stream = bench.stage.open(bench.over())
    await stream.connect(AbortSignal.timeout(PATIENCE))
    await stream.close()
    await stream.close()
    await bench.stage.open(bench.over()).close()
  })

  const { unreachable, refused } = harness
  if (unreachable) {
    check('an unreachable source rejects with CONNECT_FAILED and a remedy', async (bench) => {
      await expectRefusal(await unreachable(bench.over()), 'CONNECT_FAILED', bench.expectNoSecret)
    })
    check('connecting can be aborted', async (bench) => {
      const stream = await unreachable(bench.over())
      const start = Date.now()
      await expect(stream.connect(AbortSignal.timeout(50))).rejects.toThrow()
      expect(Date.now() - start).toBeLessThan(PROMPT)
      await stream.close()
    })
  }
  if (refused) {
    check('refused credentials reject with CREDENTIALS_REFUSED and a remedy', async (bench) => {
      await expectRefusal(await refused(bench.over()), 'CREDENTIALS_REFUSED', bench.expectNoSecret)
    })
  }
}

async function expectRefusal(stream: AlertStream, code: ErrorCode, expectNoSecret: (error: unknown) => void) {
  const error: unknown = await stream.connect(AbortSignal.timeout(PATIENCE)).then(
    () => undefined,
    (thrown) => thrown
  )
  await stream.close()
  expect(error).toBeInstanceOf(AlertStreamsError)
  expect(error).toMatchObject({ code, remedy: expect.stringMatching(/\S/) })
  expectNoSecret(error)
}

/** The same JSON text with blanks behind it. */
function padded(bytes: Uint8Array, length: number): Uint8Array {
  const longer = new Uint8Array(length).fill(0x20)
  longer.set(bytes)
  return longer
}
