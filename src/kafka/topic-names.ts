/** Where topics have other names on the broker than in TOPIC_HANDLERS and in messages. */
export interface TopicNames {
  onBroker(key: string): string
  ours(topic: string): string
}

export const sameNames: TopicNames = { onBroker: (key) => key, ours: (topic) => topic }

/** All topics of the broker begin so, and ours do not. */
export function withoutPrefix(prefix: string): TopicNames {
  return { onBroker: (key) => prefix + key, ours: (topic) => topic.slice(prefix.length) }
}

/** One topic that we call otherwise. */
export function renamed(our: string, onBroker: string): TopicNames {
  const swap = (from: string, to: string) => (name: string) => (name === from ? to : name)
  return { onBroker: swap(our, onBroker), ours: swap(onBroker, our) }
}
