import type { PlacedMessage } from '../google/outgoing.ts'

export interface WrittenFile {
  /** The bucket, or the folder. */
  readonly place: string
  readonly name: string
  /** Of the object in the bucket. */
  readonly generation: string | undefined
}

/** What Cloud Storage itself sends where a bucket has a notification: attributes, and no data. */
export function noticeOf({ place, name, generation }: WrittenFile, topic: string): PlacedMessage {
  const attributes = {
    bucketId: place.replace(/^gs:\/\//, ''),
    objectId: name,
    eventType: 'OBJECT_FINALIZE',
    payloadFormat: 'NONE',
    eventTime: new Date().toISOString(),
    ...(generation && { objectGeneration: generation })
  }
  const bytes = 200 + Buffer.byteLength(JSON.stringify(attributes))
  return {
    target: topic,
    bytes,
    extraBytes: 0,
    written: false,
    message: { data: new Uint8Array(), attributes, orderingKey: '' }
  }
}
