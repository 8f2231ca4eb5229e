/** Writes numbered alerts for ever, trying again as the outbox does, and says after each write up to which they are safe. */
import { setTimeout as sleep } from 'node:timers/promises'
import { openSink, writeTo } from './rows.ts'

const BATCH = 100

const [options, first, last] = process.argv.slice(2) as [string, string, string]
const sink = openSink({ options: JSON.parse(options), rows: async () => [] })
await again(() => sink.connect(AbortSignal.timeout(60_000)))
for (let number = Number(first); number < Number(last); number += BATCH) {
  const values = Array.from({ length: BATCH }, (_, i) => alert(number + i))
  const rejected = await again(() => writeTo(sink, values))
  if (rejected.length > 0) throw new Error(rejected[0]!.reason)
  console.log(number + BATCH)
}
await sink.close()

/** Of ten objects, so that writers meet. */
function alert(number: number) {
  const id = 2_982_177_112_815_000_000n + BigInt(number)
  return {
    candid: id,
    objectId: `object-${number % 10}`,
    ra: 10,
    dec: 20,
    jd: 2_460_000.5 + number,
    fid: 1,
    magpsf: 17
  }
}

async function again<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'SINK_UNAVAILABLE') throw error
      await sleep(20 + Math.random() * 50)
    }
  }
}
