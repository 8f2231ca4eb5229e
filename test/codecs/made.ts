import { tmpdir } from 'node:os'
import type { CodecName } from '../../src/codecs/index.ts'
import { codec } from '../../src/codecs/option.ts'
import type { Codec, CodecSetup } from '../../src/contract/codec.ts'
import type { Logger } from '../../src/contract/log.ts'

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent }

/** A codec with options as they stand in the YAML. */
export function madeCodec(
  name: CodecName,
  options: Record<string, unknown> = {},
  setup: Partial<CodecSetup> = {}
): Codec {
  const read = codec('a codec').read({ NAME: name, ...options })
  if ('problem' in read) throw new Error(read.problem)
  return read.value!({ log: silent, baseDir: tmpdir(), stateDir: tmpdir(), ...setup })
}
