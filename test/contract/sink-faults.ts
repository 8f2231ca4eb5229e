import { expect } from 'vitest'
import { AlertStreamsError } from '../../src/contract/errors.ts'
import type { Outgoing, Placed, Sink } from '../../src/contract/sink.ts'
import { PATIENCE } from './reading.ts'
import { placed, type SinkCheck, type SinkHarness, sourceOf, writeAll } from './sink-bench.ts'
import { numberOf, numbered } from './sink-content.ts'

/** Milliseconds that count as prompt on a busy machine. */
const PROMPT = 5_000

/** A broken target holds things up and loses nothing; an impossible message harms no other. */
export function sinkFaultTests(harness: SinkHarness, check: SinkCheck): void {
  const { promises, unreachable } = harness

  if (promises.breaks) {
    check('an unavailable target throws SINK_UNAVAILABLE, and the same array can be written again', async (bench) => {
      const { stage } = bench
      const sink = await bench.connect()
      await writeAll(sink, placed(sink, numbered(stage.topic, 0, 3)))
      const batch = placed(sink, numbered(stage.topic, 3, 3))
      await stage.breakTarget?.()
      const error = await thrown(writeAll(sink, batch))
      expect(error).toBeInstanceOf(AlertStreamsError)
      expect(error).toMatchObject({ code: 'SINK_UNAVAILABLE' })
      bench.expectNoSecret(error)

      await stage.mendTarget?.()
      expect(await untilWritten(sink, batch)).toEqual([])
      await writeAll(sink, placed(sink, numbered(stage.topic, 6, 3)))
      const numbers = (await stage.written(stage.topic)).map(numberOf)
      const firsts = [...new Set(numbers)]
      expect(promises.ordered ? firsts : firsts.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    })

    check('aborting a write to an unavailable target rejects promptly', async (bench) => {
      const sink = await bench.connect()
      const batch = placed(sink, numbered(bench.stage.topic, 0, 1))
      await bench.stage.breakTarget?.()
      const start = Date.now()
      await expect(writeAll(sink, batch, AbortSignal.timeout(100))).rejects.toThrow()
      expect(Date.now() - start).toBeLessThan(PROMPT)
      await bench.stage.mendTarget?.()
    })
  }

  if (promises.rejects) {
    check('a message that can never be taken is rejected, the others are safe', async ({ stage, connect }) => {
      const sink = await connect()
      const [before, after] = numbered(stage.topic, 0, 2)
      const outcome = await writeOrRefuse(sink, [before!, stage.impossible!(), after!])
      expect(outcome).toEqual([{ index: 1, code: 'SINK_REJECTED', reason: expect.stringMatching(/\S/) }])
      expect((await stage.written(stage.topic)).map(numberOf).sort()).toEqual([0, 1])
    })
  }

  check('a write that was aborted before it began rejects', async ({ stage, connect }) => {
    const sink = await connect()
    const batch = placed(sink, numbered(stage.topic, 0, 1))
    await expect(sink.write(batch, AbortSignal.abort())).rejects.toThrow()
    expect(await writeAll(sink, batch)).toEqual([])
  })

  check('close is harmless twice and unconnected, and what was written stays', async ({ stage, connect, over }) => {
    const sink = await connect()
    await writeAll(sink, placed(sink, numbered(stage.topic, 0, 5)))
    await sink.close()
    await sink.close()
    await stage.open(over()).close()
    expect((await stage.written(stage.topic)).map(numberOf).sort()).toEqual([0, 1, 2, 3, 4])
  })

  check('a second sink goes on behind what the first has written', async ({ stage, connect }) => {
    const first = await connect()
    await writeAll(first, placed(first, numbered(stage.topic, 0, 3)))
    await first.close()
    const second = await connect()
    await writeAll(second, placed(second, numbered(stage.topic, 3, 3)))
    expect((await stage.written(stage.topic)).map(numberOf).sort()).toEqual([0, 1, 2, 3, 4, 5])
  })

  if (unreachable) {
    check('an unreachable target rejects with SINK_UNAVAILABLE and a remedy', async (bench) => {
      const sink = await unreachable(bench.over())
      const error = await thrown(sink.connect(AbortSignal.timeout(PATIENCE)))
      await sink.close()
      expect(error).toBeInstanceOf(AlertStreamsError)
      expect(error).toMatchObject({ code: 'SINK_UNAVAILABLE', remedy: expect.stringMatching(/\S/) })
      bench.expectNoSecret(error)
    })
  }
}

async function thrown(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error) => error
  )
}

/** Tries the same array again, as the outbox does, while a mended target comes back. */
async function untilWritten(sink: Sink, batch: readonly Placed[]) {
  for (const deadline = Date.now() + PATIENCE; ; await new Promise((resolve) => setTimeout(resolve, 200))) {
    try {
      return await writeAll(sink, batch)
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
  }
}

/** Writes what `place` takes; what it refuses counts as rejected, as in the outbox. */
async function writeOrRefuse(sink: Sink, outgoings: readonly Outgoing[]) {
  const refused: { index: number; code: string; reason: string }[] = []
  const batch: Placed[] = []
  const indexes: number[] = []
  for (const [index, outgoing] of outgoings.entries()) {
    try {
      batch.push(sink.place(outgoing, sourceOf()))
      indexes.push(index)
    } catch (error) {
      if (!(error instanceof AlertStreamsError)) throw error
      refused.push({ index, code: error.code, reason: error.message })
    }
  }
  const rejected = await writeAll(sink, batch)
  return [...refused, ...rejected.map((one) => ({ ...one, index: indexes[one.index]! }))]
}
