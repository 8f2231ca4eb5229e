import type { Handler } from '../../src/index.ts'
import { leavesOf } from './leaves.ts'

interface Options {
  /** The sink that gets it back, if one does. */
  readonly BACK?: string
  /** Its bytes go back, not its value. */
  readonly AS_IT_CAME?: boolean
  /** Bytes go past the sink's codec: this says what they are. */
  readonly LABEL?: string
}

/** Shows what the program has read, and gives it back to whom it came from. */
export const see: Handler<unknown, Options> = (alert, { options: { BACK, AS_IT_CAME, LABEL } }) => {
  const value = alert.payload()
  // The place of a message where the source keeps no order.
  const n = alert.header('n')
  const seen = { sink: 'seen', value: { n: Number(n ?? 0), leaves: leavesOf(value) } }
  if (BACK === undefined) return seen
  if (AS_IT_CAME) return [seen, { sink: BACK, value: alert.bytes, key: alert.key, headers: alert.headers }]
  const numbered = n === undefined ? [] : [['n', n] as const]
  const labelled = LABEL === undefined ? [] : [['_format', LABEL] as const]
  return [seen, { sink: BACK, value, headers: [...numbered, ...labelled] }]
}
