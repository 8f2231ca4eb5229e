/** A notice in GCN's oldest form: forty big-endian 32-bit integers. */
export interface Packet {
  /** All forty; what those from the tenth on mean depends on the type. */
  readonly words: readonly number[]
  /** 61: Swift BAT position, 112: Fermi GBM ground position, ... */
  readonly packet_type: number
  readonly serial_number: number
  readonly hop_count: number
  /** When the packet was sent: seconds of the day, UTC. */
  readonly seconds_of_day: number
  readonly trigger_number: number
  /** Day of the event: truncated Julian date, JD - 2440000.5, UTC. */
  readonly tjd: number
  /** Time of the event: seconds of that day, UTC. */
  readonly sod: number
  /** Degrees; of a type without a position these two words hold something else. */
  readonly ra: number
  readonly dec: number
}

const WORDS = 40

/** Throws on anything but 160 bytes. */
export function readPacket(bytes: Uint8Array): Packet {
  if (bytes.length !== WORDS * 4) throw new Error(`a packet has ${WORDS * 4} bytes, this one ${bytes.length}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const words = Array.from({ length: WORDS }, (_, index) => view.getInt32(index * 4))
  const [type, serial, hops, sent, trigger, day, time, ra, dec] = words as Nine
  return {
    packet_type: type,
    serial_number: serial,
    hop_count: hops,
    seconds_of_day: sent / 100,
    trigger_number: trigger,
    tjd: day,
    sod: time / 100,
    ra: ra / 1e4,
    dec: dec / 1e4,
    words
  }
}

type Nine = [number, number, number, number, number, number, number, number, number]
