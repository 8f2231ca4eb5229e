import type { Kind } from '../bench.ts'

/** Packets that no codec can read. */
const broken: Kind = {
  name: 'broken',
  async apply({ feed }) {
    await feed.burst({ topic: 'keyed', fate: 'broken', count: 20 })
    return '20 broken packets'
  }
}

/** A handler that throws, that throws the first time only, that never settles. */
const handler: Kind = {
  name: 'handler',
  async apply({ feed }) {
    await feed.burst(
      { topic: 'keyed', fate: 'throws', count: 10 },
      { topic: 'keyed', fate: 'flaky', count: 10 },
      { topic: 'keyed', fate: 'hangs', count: 4 }
    )
    return 'alerts for which the handler throws (10), throws once (10), never settles (4)'
  }
}

/** A topic that refuses single messages of a write, while the others go through. */
const refused: Kind = {
  name: 'refused',
  async apply({ feed }) {
    await feed.burst({ topic: 'small', fate: 'large', count: 5 }, { topic: 'small', fate: 'plain', count: 50 })
    await feed.burst({ topic: 'small', fate: 'large', count: 5 }, { topic: 'small', fate: 'plain', count: 50 })
    return '10 alerts too large for their sink, among others'
  }
}

/** A topic for a pattern: read from its beginning, although it is there before anybody looks. */
const topic: Kind = {
  name: 'topic',
  async apply({ cluster, feed, watch, appeared }) {
    const name = `late-${appeared.length + 1}`
    await cluster.createTopic(name, 2)
    appeared.push(name)
    await feed.burst({ topic: name, fate: 'plain', count: 100 })
    watch.add(name)
    return `the topic ${name} with 100 alerts`
  }
}

/** Nobody is there when alerts come to the topic that is read from its end. */
const latest: Kind = {
  name: 'latest',
  async apply({ members, feed }) {
    const lives = members.alive
    await Promise.all(lives.map((life) => members.kill(life)))
    await feed.burst({ topic: 'latest', fate: 'plain', count: 100 })
    feed.allowLatest()
    for (const life of lives) members.start(members.slotOf(life))
    return `100 alerts to the topic that is read from its end, with no member alive`
  }
}

export const dataKinds: readonly Kind[] = [broken, handler, refused, topic, latest]
