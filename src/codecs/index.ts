import type { Codec } from '../contract/alert.ts'
import { auto } from './auto.ts'
import { avro } from './avro.ts'
import { bytes } from './bytes.ts'
import { hop } from './hop.ts'
import { json } from './json.ts'

/** Every codec by the name that `CODEC` gives it. */
export const codecs = { auto, json, avro, hop, bytes } satisfies Record<string, Codec>

export type CodecName = keyof typeof codecs
