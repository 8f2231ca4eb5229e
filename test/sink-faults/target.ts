import { ztfAlerts } from '../../src/generate/index.ts'
import type { TcpProxy } from '../faults/proxy.ts'

/** What a sink writes to while it is spoiled, and how another program reads what is there. */
export interface Target {
  /** The sink as it stands in YAML. */
  readonly sink: { readonly NAME: string; readonly OPTIONS: Readonly<Record<string, unknown>> }
  /** Settings of the route beside its SINKS. */
  readonly route?: Readonly<Record<string, unknown>>
  /** Of the program. */
  readonly env?: Readonly<Record<string, string>>
  /** The candid of every alert that is there now, as often as it is there. */
  held(): Promise<readonly string[]>
  /** What can be done to it beside what is done to the program. Each resolves when it is over. */
  readonly faults: Readonly<Record<string, () => Promise<void>>>
  /** Alerts for each fault. */
  readonly each?: number
  /** Nothing is ever there twice, whatever happens. */
  readonly once: boolean
  tearDown(): Promise<void>
}

/** Makes a target of its own for one run. `folder`: where the program runs. */
export type MakeTarget = (folder: string) => Promise<Target>

/** Milliseconds that a target is away. */
const AWAY = 1500

/** What can be done to a target behind a proxy. */
export function networkFaults(proxy: TcpProxy) {
  return {
    cut: async () => void proxy.cut(),
    away: async () => {
      proxy.refuse(true)
      await pause(AWAY)
      proxy.heal()
    },
    'half open': async () => void proxy.halfOpen()
  }
}

/** It refuses for a while. */
export function refusing(refuse: () => Promise<unknown>, allow: () => Promise<unknown>) {
  return async () => {
    await refuse()
    await pause(AWAY)
    await allow()
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

export interface Packet {
  readonly candid: string
  readonly objectId: string
  /** Julian date, UTC. */
  readonly jd: number
  readonly bytes: Buffer
}

/** Packets of ZTF, each of another detection. */
export function packets(count: number): readonly Packet[] {
  return [...ztfAlerts(20_250_302).take(count)].map(({ alert, bytes }) => ({
    candid: String(alert.candid),
    objectId: alert.objectId,
    jd: alert.candidate.jd,
    bytes: Buffer.from(bytes)
  }))
}
