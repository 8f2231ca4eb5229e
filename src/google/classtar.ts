import type { Message } from '../contract/alert.ts'
import type { Codec } from '../contract/codec.ts'
import { type Declare, declare } from '../contract/options.ts'
import { recordOf } from './answers.ts'

export const threshold: Declare<number> = declare('number', { type: 'number' }, (value) => {
  const score = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof score === 'number' && score >= 0 && score <= 1 ? { value: score } : { problem: 'expected 0 to 1' }
})

/**
 * Which messages are passed over: `lt` keeps alerts below the threshold, `gt` those at or above it. Without a threshold
 * all are kept. An alert without the score is passed over; one that cannot be decoded is not, so that it is seen to fail.
 */
export function passesOver(
  codec: Codec,
  {
    CLASSTAR_THRESHOLD: limit,
    CLASSTAR_GT_LT: side
  }: { CLASSTAR_THRESHOLD: number | undefined; CLASSTAR_GT_LT: 'lt' | 'gt' }
): (message: Message) => boolean {
  if (limit === undefined) return () => false
  // Asked by the stream, which counts, and by the pipeline.
  const verdicts = new WeakMap<Message, boolean>()
  return (message) => {
    const known = verdicts.get(message)
    if (known !== undefined) return known
    const score = scoreOf(codec, message)
    const kept =
      score === 'undecodable' || (typeof score === 'number' && (side === 'lt' ? score < limit : score >= limit))
    verdicts.set(message, !kept)
    return !kept
  }
}

/** classtar: 0 (galaxy) to 1 (star). */
function scoreOf(codec: Codec, message: Message): unknown {
  try {
    const alert = recordOf(codec.decode(message, [['candidate', 'classtar']]))
    return recordOf(alert?.candidate)?.classtar
  } catch {
    return 'undecodable'
  }
}
