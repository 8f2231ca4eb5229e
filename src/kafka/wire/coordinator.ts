import type { Replacement } from './replacement.ts'

type Ask = (arg: unknown) => Promise<unknown>

interface Pool {
  /** Asks one broker after the other; swallows what each throws. */
  withBroker(ask: Ask): Promise<unknown>
}

interface Cluster {
  readonly brokerPool: Pool
  findGroupCoordinatorMetadata(this: Cluster, group: unknown): Promise<unknown>
}

/**
 * When no broker names the coordinator of a group, kafkajs says only that, and gives up for good: after a connection
 * that was cut just then as after a group that is refused. Here it says why, and then tries again what may pass.
 */
export const coordinatorCause: Replacement = {
  what: 'why a coordinator was not found',
  file: 'cluster/index.js',
  sha256: '3831a6845e4e9fb0de73d5ff50a3695974fb8a927acde677c524fe1c362bd57d',
  heldBy: [],
  make: (original) => {
    const { prototype } = original as { prototype: Cluster }
    const find = prototype.findGroupCoordinatorMetadata
    prototype.findGroupCoordinatorMetadata = async function (group) {
      let cause: unknown
      const told = (ask: Ask) => (arg: unknown) =>
        ask(arg).catch((error: unknown) => {
          cause = error
          throw error
        })
      const brokerPool: Pool = { withBroker: (ask) => this.brokerPool.withBroker(told(ask)) }
      const listening: Cluster = Object.create(this, { brokerPool: { value: brokerPool } })
      return find.call(listening, group).catch((error: unknown) => {
        throw cause ?? error
      })
    }
    return original
  }
}
