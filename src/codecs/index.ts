import { AntaresCodec } from './antares.ts'
import { AutoCodec } from './auto.ts'
import { AvroCodec } from './avro.ts'
import { BytesCodec } from './bytes.ts'
import { GzipCodec } from './gzip.ts'
import { GcnCodec } from './gcn.ts'
import { HopCodec } from './hop.ts'
import { JsonCodec } from './json.ts'

/** Every codec by the name that CODEC gives it. */
export const codecs = {
  auto: AutoCodec,
  json: JsonCodec,
  avro: AvroCodec,
  hop: HopCodec,
  gcn: GcnCodec,
  antares: AntaresCodec,
  gzip: GzipCodec,
  bytes: BytesCodec
}

export type CodecName = keyof typeof codecs
