import type { AccountCounts } from '../observe/merge.ts'

/** What the parent of `--processes N` tells a member: finish what was taken; wait no longer. */
export type Order = 'stop' | 'abandon'

/** What a member tells its parent when it has ended in order. A member that was killed says nothing. */
export interface LastWords {
  readonly code: number
  /** It was told to stop; otherwise its streams have ended or failed. */
  readonly stopped: boolean
  readonly account: AccountCounts
}

export function isLastWords(message: unknown): message is LastWords {
  return typeof message === 'object' && message !== null && 'code' in message && 'account' in message
}

/** Calls back with the parent's orders, and when the parent is gone; gives the way to stop listening. */
export function listenToParent(onOrder: (order: Order) => void, onGone: () => void): () => void {
  const onMessage = (message: unknown) => {
    if (message === 'stop' || message === 'abandon') onOrder(message)
  }
  process.on('message', onMessage)
  process.on('disconnect', onGone)
  return () => {
    process.off('message', onMessage)
    process.off('disconnect', onGone)
  }
}

/** Resolves when the parent has it, or is gone; then nothing keeps the process any more. */
export async function tellParent(words: LastWords): Promise<void> {
  if (process.send === undefined || !process.connected) return
  await new Promise<void>((resolve) => {
    process.send?.(words, undefined, undefined, () => resolve())
  })
  if (process.connected) process.disconnect()
}
