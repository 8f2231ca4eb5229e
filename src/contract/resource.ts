/** Something outside of the process that a configuration needs and `alertstreams setup` can make. */
export interface Resource {
  /** As people call it: `Pub/Sub topic`, `bucket`, `table`. */
  readonly kind: string
  /** Names it among its kind, with the project or broker that it is in. */
  readonly name: string
  /** These reject with an error that says what is wrong and what to do. */
  exists(signal: AbortSignal): Promise<boolean>
  /** Harmless where somebody else was faster. */
  create(signal: AbortSignal): Promise<void>
  /** With all that it holds. Harmless where it is gone. */
  remove(signal: AbortSignal): Promise<void>
}

/** A route that names a sink: a topic without wildcards, and the ID of its stream. */
export interface Feed {
  readonly topic: string
  readonly stream: string
}
