import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench, Kind } from '../bench.ts'

const sides = ['source', 'sink'] as const
type Side = (typeof sides)[number]

const cut = (side: Side): Kind => ({
  name: `cut-${side}`,
  async apply({ cluster, random }) {
    const times = random.integer(1, 5)
    let count = 0
    for (let i = 0; i < times; i++) {
      count += cluster[side].cut()
      await sleep(random.integer(50, 400))
    }
    return `${count} connections of the ${side} reset in ${times} cuts`
  }
})

const halfOpen = (side: Side): Kind => ({
  name: `half-open-${side}`,
  async apply({ cluster }) {
    const count = cluster[side].halfOpen()
    // Whoever waits on such a connection has to notice by itself.
    await sleep(2000)
    return `${count} connections of the ${side} silent for good`
  }
})

/** Late answers, not lost ones: a slow source, a slow sink. */
const slow = (side: Side): Kind => ({
  name: `slow-${side}`,
  async apply({ cluster, random }) {
    const ms = random.integer(100, 600)
    cluster[side].delay(ms)
    await sleep(5000)
    cluster[side].heal()
    return `${ms} ms later on each way of the ${side}, for 5 s`
  }
})

/** Nobody answers at all. */
const away = (side: Side): Kind => ({
  name: `away-${side}`,
  async apply({ cluster, random }: Bench) {
    const ms = random.integer(3000, 9000)
    cluster[side].refuse(true)
    await sleep(ms)
    cluster[side].heal()
    return `the ${side} refuses connections for ${ms} ms`
  }
})

export const networkKinds: readonly Kind[] = [cut, halfOpen, slow, away].flatMap((make) => sides.map(make))
