import { AlertStreamsError } from '../contract/errors.ts'
import type { StreamSetup } from '../contract/stream.ts'
import { withTestid } from '../contract/testid.ts'
import { isGlob } from '../contract/topics.ts'

const RUBIN = 'pitt-alert-broker'
const OTHERS = 'ardent-cycling-243415'

/** A subscription in the user's project and the topic that it is made on. */
export interface Source {
  /** Short name: the key of TOPIC_HANDLERS. */
  readonly topic: string
  /** projects/PROJECT/topics/NAME */
  readonly topicPath: string
  /** projects/PROJECT/subscriptions/NAME */
  readonly subscriptionPath: string
}

/** The user's own project. Throws `CONFIG_INVALID`. */
export function projectOf(option: string | undefined, stream: string): string {
  const project = option || process.env.GOOGLE_CLOUD_PROJECT
  if (project) return project
  throw new AlertStreamsError('CONFIG_INVALID', `${stream}: no Google Cloud project is named`, {
    remedy: 'Set OPTIONS.PROJECT or the environment variable GOOGLE_CLOUD_PROJECT to your own project.'
  })
}

/** What the keys of TOPIC_HANDLERS are read from; `*` may stand beside exact topics. Throws `CONFIG_INVALID`. */
export function sourcesOf(
  { id, topics }: Pick<StreamSetup, 'id' | 'topics'>,
  project: string,
  options: Names & { readonly TOPIC_PROJECT: string | undefined }
): readonly Source[] {
  const exact = topics.filter((topic) => !isGlob(topic))
  const glob = topics.find((topic) => isGlob(topic) && (topic !== '*' || exact.length === 0))
  if (glob !== undefined) {
    throw new AlertStreamsError('CONFIG_INVALID', `${id}: Pub/Sub has no subscription to a pattern: '${glob}'`, {
      remedy: 'Name each topic in TOPIC_HANDLERS, such as ztf-loop.'
    })
  }
  if (exact.length > 1 && !options.SUBSCRIPTION.includes('{topic}')) {
    throw new AlertStreamsError('CONFIG_INVALID', `${id}: one SUBSCRIPTION cannot serve ${exact.length} topics`, {
      remedy: `Write {topic} into it, such as '${options.SUBSCRIPTION}-{topic}'.`
    })
  }
  return exact.map((topic) => {
    const topicProject = options.TOPIC_PROJECT || surveyProject(topic)
    // The topics of others have no test form.
    const name = topicProject === project ? withTestid(topic, options.TESTID) : topic
    return {
      topic,
      topicPath: `projects/${topicProject}/topics/${name}`,
      subscriptionPath: `projects/${project}/subscriptions/${subscriptionOf(options, topic)}`
    }
  })
}

interface Names {
  readonly SUBSCRIPTION: string
  readonly TESTID: string | undefined
}

/** The name of a topic's subscription. */
export function subscriptionOf({ SUBSCRIPTION, TESTID }: Names, topic: string): string {
  return withTestid(SUBSCRIPTION.replaceAll('{topic}', topic), TESTID)
}

/** The projects that the topics of a stream may be in. */
export function topicProjects(option: string | undefined): readonly string[] {
  return option ? [option] : [RUBIN, OTHERS]
}

/** The project that publishes a Pitt-Google topic: Rubin's alerts come from another one than ZTF's and LVK's. */
function surveyProject(topic: string): string {
  return topic.startsWith('lsst') ? RUBIN : OTHERS
}
