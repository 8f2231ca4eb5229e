import type { Cluster } from './cluster.ts'
import type { Feed } from './feed.ts'
import type { Life, Members } from './members.ts'
import type { Feeder } from './pubsub.ts'
import type { Random } from './random.ts'
import type { Watch } from './watch.ts'

/** Everything that a fault can lay hands on. */
export interface Bench {
  readonly cluster: Cluster
  readonly members: Members
  readonly feed: Feed
  readonly feeder: Feeder
  readonly watch: Watch
  readonly random: Random
  /** Topics that appeared while it ran. */
  readonly appeared: string[]
}

/** A kind of fault. `apply` resolves, with what it did in words, when the fault is over; it need not be recovered from. */
export interface Kind {
  readonly name: string
  apply(bench: Bench): Promise<string>
}

export function anyMember({ members, random }: Bench): Life {
  const alive = members.alive
  return alive[random.integer(0, alive.length - 1)]!
}
