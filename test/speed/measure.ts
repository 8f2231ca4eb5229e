export interface Sample {
  readonly packets: number
  /** Of the clock, and of the processor (that of helper threads included). */
  readonly seconds: number
  readonly cpu: number
}

/** Calls a decoder with the packets in turn for so many seconds; what it gives is looked at, so that it has to be made. */
export function measure<Packet>(
  decode: (packet: Packet) => unknown,
  packets: readonly Packet[],
  seconds: number
): Sample {
  const cpu = process.cpuUsage()
  const start = performance.now()
  let count = 0
  while (performance.now() - start < seconds * 1000) {
    for (const packet of packets) if (!decode(packet)) throw new Error('a packet was not decoded')
    count += packets.length
  }
  const elapsed = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { packets: count, seconds: elapsed, cpu: (user + system) / 1e6 }
}

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const median = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
  return { median, least: sorted[0]!, most: sorted.at(-1)! }
}
