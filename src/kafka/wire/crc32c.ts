import { createRequire } from 'node:module'
import type { Replacement } from './replacement.ts'

/** CRC-32C (Castagnoli), unsigned. */
export type Checksum = (bytes: Uint8Array) => number

export const nativeChecksum: Replacement = {
  what: 'native checksums',
  file: 'protocol/recordBatch/crc32C/index.js',
  sha256: '0826ea7387f25400b1a24bacdbba85db9c1f2e932f168874728a9ecaf1eb2379',
  heldBy: ['protocol/recordBatch/v0/index.js'],
  make: () => {
    const { crc32c }: typeof import('@node-rs/crc32') = createRequire(import.meta.url)('@node-rs/crc32')
    const checksum: Checksum = (bytes) => crc32c(bytes)
    return checksum
  }
}
