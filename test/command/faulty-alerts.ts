/** What a handler can do wrong, and what the alert's failure is then called. */
const faults = {
  raise: 'HANDLER_FAILED',
  exit: 'HANDLER_FAILED',
  segfault: 'HANDLER_FAILED',
  kill: 'HANDLER_FAILED',
  garbage: 'HANDLER_FAILED',
  bytes: 'HANDLER_FAILED',
  half: 'HANDLER_FAILED',
  forged: 'HANDLER_FAILED',
  twice: 'HANDLER_FAILED',
  closed: 'HANDLER_FAILED',
  hang: 'HANDLER_TIMEOUT'
} as const
export type Fault = keyof typeof faults
export const kinds = Object.keys(faults) as readonly Fault[]

export interface FaultyAlert {
  readonly candid: bigint
  readonly objectId: string
  /** AB magnitude. */
  readonly magpsf: number
  /** What goes wrong, attempt by attempt; then it is handled. */
  readonly plan: readonly Fault[]
}

/** Alerts that go wrong at random, the same for the same seed: about one in `rarity`, a few of them on every attempt. */
export function faultyAlerts(count: number, seed: number, { rarity = 20, hangs = 10 } = {}): readonly FaultyAlert[] {
  const random = generator(seed)
  const pick = (most: number) => Math.floor(random() * most)
  let hanging = 0
  const plan = (): Fault[] => {
    if (pick(rarity) > 0) return []
    const length = [1, 1, 1, 2, 2, 3, 4][pick(7)]!
    return Array.from({ length }, () => {
      const fault = kinds[pick(kinds.length)]!
      // Each costs a whole TIMEOUT.
      return fault === 'hang' && ++hanging > hangs ? 'raise' : fault
    })
  }
  return Array.from({ length: count }, (_, n) => ({
    candid: 2982166034333010000n + BigInt(n * 1009),
    objectId: `ZTF25${n.toString(36).padStart(7, 'a')}`,
    magpsf: 15 + 6 * random(),
    plan: plan()
  }))
}

/** The code of its dead letter when it is tried so often; undefined: it is handled in the end. */
export function codeAfter(attempts: number, { plan }: FaultyAlert): string | undefined {
  return plan.length < attempts ? undefined : faults[plan[attempts - 1]!]
}

/** mulberry32: the same numbers in [0, 1) for the same seed. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
