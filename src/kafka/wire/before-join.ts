import type { Replacement } from './replacement.ts'

/** Called before a member joins its group again; `heartbeat` rejects with the broker's answer. */
export type Settle = (heartbeat: () => Promise<void>) => Promise<void>

interface Settings {
  readonly retry?: { readonly beforeJoin?: Settle }
}

interface Group {
  readonly groupId: string
  readonly memberId: string | null
  readonly generationId: number
  readonly coordinator: { heartbeat(member: object): Promise<void> }
  joinAndSync(): Promise<void>
}

/** For the `retry` settings of a consumer, the only ones that kafkajs hands on as they are. */
export function beforeJoin(settle: Settle): object {
  return { beforeJoin: settle }
}

/**
 * kafkajs joins again as soon as it hears that the group forms anew. Whoever reads batches can delay that from within
 * one, but not while there is nothing to read, and then all that is in hand of partitions that go elsewhere is done twice.
 */
export const settledGroup: Replacement = {
  what: 'finishing what is in hand before a group is joined again',
  file: 'consumer/consumerGroup.js',
  sha256: 'f3e461738585a8dc6574c647123a18afc732f81cdee4f9f7bb62e4aa1dffbfbb',
  heldBy: ['consumer/index.js'],
  make: (original) => {
    const KafkajsGroup = original as new (settings: Settings) => Group
    return class extends KafkajsGroup {
      readonly #settle: Settle | undefined

      constructor(settings: Settings) {
        super(settings)
        this.#settle = settings.retry?.beforeJoin
      }

      override async joinAndSync(): Promise<void> {
        const { groupId, memberId, generationId: groupGenerationId } = this
        // Without a member id this is the first time, or the group has put us out.
        if (memberId) await this.#settle?.(() => this.coordinator.heartbeat({ groupId, memberId, groupGenerationId }))
        return super.joinAndSync()
      }
    }
  }
}
