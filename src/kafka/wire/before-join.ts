import { loadPart, type Replacement } from './replacement.ts'

/**
 * Called before a member joins its group again; `heartbeat` rejects with the broker's answer. Where the group has put us
 * out it rejects at once: what we held is somebody else's by now, and to join again may take a while.
 */
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
  heartbeat(settings: object): Promise<void>
}

const UNKNOWN_MEMBER_ID = 25

/** For the `retry` settings of a consumer, the only ones that kafkajs hands on as they are. */
export function beforeJoin(settle: Settle): object {
  return { beforeJoin: settle }
}

/**
 * A member that the group has put out joins again; where that fails, as when the connection breaks on the way, kafkajs
 * reads on without being a member: its heartbeat has nothing to send and says nothing, every commit is refused, and
 * that for ever. Here the heartbeat says so, and kafkajs joins once more.
 *
 * kafkajs joins again as soon as it hears that the group forms anew. Whoever reads batches can delay that from within
 * one, but not while there is nothing to read, and then all that is in hand of partitions that go elsewhere is done twice.
 */
export const settledGroup: Replacement = {
  what: 'finishing what is in hand before a group is joined again',
  file: 'consumer/consumerGroup.js',
  sha256: 'f3e461738585a8dc6574c647123a18afc732f81cdee4f9f7bb62e4aa1dffbfbb',
  heldBy: ['consumer/index.js'],
  make: (original) => {
    const { createErrorFromCode } = loadPart('protocol/error.js') as { createErrorFromCode(code: number): Error }
    const KafkajsGroup = original as new (settings: Settings) => Group
    return class extends KafkajsGroup {
      readonly #settle: Settle | undefined
      #joined = false

      constructor(settings: Settings) {
        super(settings)
        this.#settle = settings.retry?.beforeJoin
      }

      override async joinAndSync(): Promise<void> {
        const { groupId, memberId, generationId: groupGenerationId } = this
        // Without a member id this is the first time, or the group has put us out.
        if (memberId) await this.#settle?.(() => this.coordinator.heartbeat({ groupId, memberId, groupGenerationId }))
        else if (this.#joined)
          await this.#settle?.(() => Promise.reject(new Error('the group has put this member out')))
        await super.joinAndSync()
        this.#joined = true
      }

      override async heartbeat(settings: object): Promise<void> {
        if (!this.memberId && this.#joined) throw createErrorFromCode(UNKNOWN_MEMBER_ID)
        return super.heartbeat(settings)
      }
    }
  }
}
