/** Where whole files are kept: a folder, or a bucket. */
export interface Store {
  /** The folder, or `gs://bucket`. */
  readonly place: string
  /** Rejects with `SINK_UNAVAILABLE`. */
  connect(signal: AbortSignal): Promise<void>
  /**
   * Resolves when the file is safe; nobody ever sees half of it under its name. Rejects with `SINK_UNAVAILABLE`. Names have
   * no empty part and no `.` or `..` between their slashes.
   */
  put(file: WholeFile, how: { readonly onlyIfAbsent: boolean }, signal: AbortSignal): Promise<Stored>
}

/** A file by its name and all that is in it. */
export interface WholeFile {
  readonly name: string
  readonly contents: Uint8Array
}

export interface Stored {
  /** The last two where only what is not there yet was to be written: then one of that name is there already. */
  readonly outcome: 'written' | 'same there' | 'another there'
  /** Of the object that is there now; of buckets only. */
  readonly generation?: string
}

/** Does something with each item, so many at the same time. The first error ends it, when what was begun has ended. */
export async function forEachAtOnce<Item>(
  items: readonly Item[],
  atOnce: number,
  action: (item: Item) => Promise<void>
): Promise<void> {
  const waiting = items.values()
  const failures: unknown[] = []
  const actNext = async () => {
    for (const item of waiting) {
      if (failures.length > 0) return
      await action(item).catch((error: unknown) => failures.push(error))
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, actNext))
  if (failures.length > 0) throw failures[0]
}
