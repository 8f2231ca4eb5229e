import { tmpdir } from 'node:os'
import type { Codec, CodecSetup } from '../contract/codec.ts'
import type { Logger } from '../contract/log.ts'
import type { CodecName } from './index.ts'
import { makeCodec } from './option.ts'

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent }

const setup: CodecSetup = { log: silent, baseDir: process.cwd(), stateDir: tmpdir() }

/** A codec by name with its usual options, for use outside of a running stream. */
export function codecOf(name: CodecName): Codec {
  return makeCodec(name, setup)
}
