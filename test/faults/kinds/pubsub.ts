import { setTimeout as sleep } from 'node:timers/promises'
import type { Kind } from '../bench.ts'

const cut: Kind = {
  name: 'pubsub-cut',
  async apply({ feed, feeder }) {
    await feed.burst({ topic: 'pubsub', fate: 'plain', count: 50 })
    const { closed } = await feeder.server.admin('kick')
    return `${closed} connections to Pub/Sub reset`
  }
}

const down: Kind = {
  name: 'pubsub-down',
  async apply({ feed, feeder }) {
    await feed.burst({ topic: 'pubsub', fate: 'plain', count: 50 })
    await feeder.server.admin('down?ms=3000')
    await sleep(3000)
    return 'Pub/Sub away for 3 s'
  }
}

const acks: Kind = {
  name: 'pubsub-acks',
  async apply({ feed, feeder }) {
    const before = Number((await feeder.server.admin('stats')).Acknowledge ?? 0)
    await feeder.server.admin('fault?method=Acknowledge&code=UNAVAILABLE&n=-1')
    await feed.burst({ topic: 'pubsub', fate: 'plain', count: 50 })
    await sleep(3000)
    await feeder.server.admin('fault?method=Acknowledge&code=UNAVAILABLE&n=0')
    const refused = Number((await feeder.server.admin('stats')).Acknowledge ?? 0) - before
    return `${refused} acknowledgements of Pub/Sub messages failed within 3 s`
  }
}

export const pubsubKinds: readonly Kind[] = [cut, down, acks]
