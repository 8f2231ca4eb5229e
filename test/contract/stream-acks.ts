import { expect } from 'vitest'
import type { Delivery } from '../../src/contract/stream.ts'
import { type Check, idsOf, lanesOf, numbered, type StreamPromises } from './stream-bench.ts'

/** Milliseconds in which a source would have sent again what it takes for unfinished. */
const GRACE = 1_500

/** What is done stays done, what is not comes again. */
export function ackTests(promises: StreamPromises, check: Check): void {
  const comesAgain = promises.redelivers !== 'never'

  if (comesAgain) {
    check('what was not acknowledged comes again after reopening, under the same ids', async ({ stage, read }) => {
      await stage.publish(numbered(12, ['a', 'b', 'c']))
      const first = await read()
      const before = await first.take(12)
      await first.close()
      const after = await (await read()).take(12)
      expect(idsOf(after)).toEqual(idsOf(before))
      const textById = new Map(before.map(({ message }) => [message.id, textOf(message.bytes)]))
      for (const { message } of after) expect(textOf(message.bytes)).toBe(textById.get(message.id))
    })
  }

  if (promises.redelivers === 'at once') {
    check('a nack brings it again while reading goes on', async ({ stage, read }) => {
      await stage.publish(numbered(1))
      const reading = await read()
      const once = await reading.take(1)
      reading.nack(once)
      const again = await reading.take(1)
      expect(idsOf(again)).toEqual(idsOf(once))
      reading.ack(again)
    })
  }

  if (!promises.remembers) {
    check('reopened it starts over', async ({ stage, read }) => {
      await stage.publish(numbered(4))
      const first = await read()
      const before = await first.take(4)
      first.ack(before)
      await first.close()
      expect(idsOf(await (await read()).take(4))).toEqual(idsOf(before))
    })
    return
  }

  check('what was acknowledged never comes again after reopening, the rest always does', async ({ stage, read }) => {
    await stage.publish(numbered(12, ['a', 'b', 'c']))
    const first = await read()
    const { done, open } = halves(await first.take(12))
    first.ack(done)
    await first.close()
    if (stage.acked) expect([...(await stage.acked())].sort()).toEqual(idsOf(done))

    const second = await read()
    expect(idsOf(await second.take(open.length))).toEqual(idsOf(open))
    expect(idsOf(await second.rest(GRACE))).toEqual([])
  })

  check('acks out of order never finish an unfinished neighbour', async ({ stage, read }) => {
    await stage.publish(numbered(10))
    const first = await read()
    const deliveries = await first.take(10)
    const unfinished = deliveries[2]!
    first.ack(deliveries.filter((delivery) => delivery !== unfinished).reverse())
    await first.close()
    const acked = await stage.acked?.()
    if (acked) expect(acked).not.toContain(unfinished.message.id)

    const second = await read()
    let seen: readonly Delivery[] = []
    while (!idsOf(seen).includes(unfinished.message.id)) seen = [...seen, ...(await second.take(1))]
  })

  check('acks in any order finish everything', async ({ stage, read }) => {
    await stage.publish(numbered(10))
    const first = await read()
    first.ack((await first.take(10)).toReversed())
    await first.close()
    const second = await read()
    expect(idsOf(await second.rest(2 * GRACE))).toEqual([])
  })

  check('an ack after reading was aborted still counts', async ({ stage, read }) => {
    await stage.publish(numbered(6))
    const first = await read()
    const deliveries = await first.take(6)
    await first.stop()
    first.ack(deliveries)
    await first.close()
    if (stage.acked) expect([...(await stage.acked())].sort()).toEqual(idsOf(deliveries))
    const second = await read()
    expect(idsOf(await second.rest(2 * GRACE))).toEqual([])
  })
}

/** The first half of every partition, so that a source which keeps only a position can say it too. */
function halves(deliveries: readonly Delivery[]): { done: readonly Delivery[]; open: readonly Delivery[] } {
  const lanes = lanesOf(deliveries)
  if (lanes.length === deliveries.length) {
    return { done: deliveries.filter((_, i) => i % 2 === 0), open: deliveries.filter((_, i) => i % 2 === 1) }
  }
  return {
    done: lanes.flatMap((lane) => lane.slice(0, lane.length >> 1)),
    open: lanes.flatMap((lane) => lane.slice(lane.length >> 1))
  }
}

function textOf(bytes: Uint8Array | null): string {
  return Buffer.from(bytes ?? []).toString('base64')
}
