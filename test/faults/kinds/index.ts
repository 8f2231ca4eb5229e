import type { Kind } from '../bench.ts'
import type { Random } from '../random.ts'
import { brokerKinds } from './broker.ts'
import { dataKinds } from './data.ts'
import { diskKinds } from './disk.ts'
import { networkKinds } from './network.ts'
import { processKinds } from './process.ts'
import { pubsubKinds } from './pubsub.ts'

export const kinds: readonly Kind[] = [
  ...processKinds,
  ...brokerKinds,
  ...networkKinds,
  ...dataKinds,
  ...diskKinds,
  ...pubsubKinds
]

/** So many faults of these kinds: every kind once before any comes again, in an order that the seed decides. */
export function schedule(chosen: readonly Kind[], count: number, random: Random): Kind[] {
  const planned: Kind[] = []
  while (planned.length < count) planned.push(...random.shuffled(chosen))
  return planned.slice(0, count)
}
