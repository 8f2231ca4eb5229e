import { AntaresCodec } from './antares.ts'
import { AutoCodec } from './auto.ts'
import { AvroCodec } from './avro.ts'
import { AvroKeyCodec } from './avro-key.ts'
import { BytesCodec } from './bytes.ts'
import { GzipCodec } from './gzip.ts'
import { ConfluentCodec } from './confluent.ts'
import { GcnCodec } from './gcn.ts'
import { HopCodec } from './hop.ts'
import { JsonCodec } from './json.ts'

/** Every codec by the name that CODEC gives it. */
export const codecs = {
  auto: AutoCodec,
  json: JsonCodec,
  avro: AvroCodec,
  confluent: ConfluentCodec,
  'avro-key': AvroKeyCodec,
  hop: HopCodec,
  gcn: GcnCodec,
  antares: AntaresCodec,
  gzip: GzipCodec,
  bytes: BytesCodec
}

export type CodecName = keyof typeof codecs
