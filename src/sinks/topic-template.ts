import type { Feed } from '../contract/resource.ts'

/** True for a topic that is no template. */
export function isFixed(topic: string | undefined): topic is string {
  return topic !== undefined && !/[{}]/.test(topic)
}

/** The topic that a template of {topic} and {stream} gives for what comes from there. */
export function topicFor(template: string, { topic, stream }: Feed): string {
  return template.replaceAll('{topic}', topic).replaceAll('{stream}', stream)
}

/** All topics that a template stands for, as far as they are known before anything is read. */
export function topicsFor(template: string, feeds: readonly Feed[]): readonly string[] {
  return isFixed(template) ? [template] : [...new Set(feeds.map((feed) => topicFor(template, feed)))]
}
