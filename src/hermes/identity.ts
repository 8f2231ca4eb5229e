import { createHash } from 'node:crypto'

/** Where a message carries the name that we gave it: `data.alertstreams_id`. */
export const ID = 'alertstreams_id'

/**
 * A UUID that is the same whenever the same source message leads to the same text: over retries, redeliveries and
 * restarts. Hermes gives ids of its own, one more each time, so that readers need this one to see a repetition.
 */
export function identityOf(source: { readonly topic: string; readonly id: string }, text: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([source.topic, source.id, text]))
    .digest()
  // Version 8: made by a rule of one's own.
  hash[6] = (hash[6]! & 0x0f) | 0x80
  hash[8] = (hash[8]! & 0x3f) | 0x80
  return hash.toString('hex', 0, 16).replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** As Hopskotch's `_id` header has it. */
export function uuidBytes(uuid: string): Uint8Array {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex')
}
