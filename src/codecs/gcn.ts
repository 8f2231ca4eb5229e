import type { Message } from '../contract/alert.ts'
import type { Codec, CodecSetup, Encoded } from '../contract/codec.ts'
import type { OptionsOf } from '../contract/options.ts'
import { decoding } from './failure.ts'
import { openSkyMaps } from './gcn/gw-alert.ts'
import { readPacket } from './gcn/packet.ts'
import { decodeTextNotice } from './gcn/text-notice.ts'
import { decodeVoEvent } from './gcn/voevent.ts'
import { decodeJson, encodeJson } from './json.ts'
import { type Limits, limitFields, limitsOf } from './limits.ts'

/**
 * NASA's GCN, where the topic says how the bytes are read: `gcn.classic.text.` gives the record of a notice's fields,
 * `gcn.classic.voevent.` and `gcn.notices.*.voevent.` that of a VOEvent's elements and attributes,
 * `gcn.classic.binary.` the numbers of a packet. Notices, circulars, the heartbeat and `igwn.gwalert` are JSON; the sky
 * maps of the latter become bytes. On other topics what is JSON is read, and bytes are handed over as they are. Writes
 * JSON, bytes in it as base64.
 */
export class GcnCodec implements Codec {
  static readonly doc = "NASA GCN's notices, circulars and gravitational-wave alerts, by their topic."
  static readonly fields = limitFields

  readonly name = 'gcn'
  readonly #limits: Limits

  constructor(options: OptionsOf<typeof limitFields>, _setup: CodecSetup) {
    this.#limits = limitsOf(options)
  }

  decode({ topic, bytes }: Message): unknown {
    if (bytes === null) return null
    switch (kindOf(topic)) {
      case 'text':
        return decodeTextNotice(bytes, this.#limits, 'lenient')
      case 'voevent':
        return decodeVoEvent(bytes, this.#limits)
      case 'binary':
        return decoding('GCN packet', () => readPacket(bytes))
      case 'gwalert':
        return decoding('IGWN alert', () => openSkyMaps(decodeJson(bytes, this.#limits)))
      case 'json':
        return decodeJson(bytes, this.#limits)
      case undefined:
        return jsonOrBytes(bytes, this.#limits)
    }
  }

  encode(value: unknown): Encoded {
    return { bytes: encodeJson(value), headers: [] }
  }
}

type Kind = 'text' | 'voevent' | 'binary' | 'gwalert' | 'json'

function kindOf(topic: string): Kind | undefined {
  if (topic.startsWith('gcn.classic.text.')) return 'text'
  if (topic.startsWith('gcn.classic.voevent.')) return 'voevent'
  if (topic.startsWith('gcn.classic.binary.')) return 'binary'
  if (topic.startsWith('gcn.notices.')) return topic.includes('.voevent.') ? 'voevent' : 'json'
  if (topic.startsWith('igwn.gwalert')) return 'gwalert'
  return topic.startsWith('gcn.circulars') || topic.startsWith('gcn.heartbeat') ? 'json' : undefined
}

function jsonOrBytes(bytes: Uint8Array, limits: Limits): unknown {
  try {
    return decodeJson(bytes, limits)
  } catch {
    return bytes
  }
}
