/** The most bytes of one message, one line or one block of records in an archive. */
export const MOST_BYTES = 64 * 1024 * 1024

/** Why a file cannot be read on, and from which byte on. */
export class Damage extends Error {
  readonly offset: number

  constructor(reason: string, offset: number, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause })
    this.name = 'Damage'
    this.offset = offset
  }
}
