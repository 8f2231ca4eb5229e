import { setTimeout as sleep } from 'node:timers/promises'
import type { Kind } from '../bench.ts'

/** kill -9 and a restart at once: about 3 s away. */
const crash: Kind = {
  name: 'broker-kill',
  async apply({ cluster }) {
    const start = Date.now()
    await cluster.kafka.kill()
    await cluster.kafka.restart()
    return `SIGKILL of the broker, back after ${Date.now() - start} ms`
  }
}

/** Longer than the session. */
const away: Kind = {
  name: 'broker-away',
  async apply({ cluster, random }) {
    const ms = random.integer(8000, 16_000)
    await cluster.kafka.kill()
    await sleep(ms)
    await cluster.kafka.restart()
    return `SIGKILL of the broker, away for ${ms} ms`
  }
}

export const brokerKinds: readonly Kind[] = [crash, away]
