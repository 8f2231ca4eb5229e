import { AlertStreamsError } from '../contract/errors.ts'
import { duration, list, number, type OptionsOf, text } from '../contract/options.ts'
import { brokers } from '../kafka/addresses.ts'
import { connectionFields } from '../kafka/client.ts'
import { serviceUrl } from './service-url.ts'
import { isFixed } from './topic-template.ts'

const { MECHANISM, TLS, SSL_CA_LOCATION, VERIFY_HOSTNAME } = connectionFields

export const hermesFields = {
  URL: serviceUrl('api/v0')('the address of Hermes', { fallback: 'https://hermes.lco.global/', aliases: ['BASE_URL'] }),
  TOKEN: text("the API key of a user's Hermes profile: messages go over HTTP, in his name", {
    secret: true,
    aliases: ['HERMES_API_KEY']
  }),
  USERNAME: text('of a SCiMMA credential, instead of TOKEN: messages go straight to the Hopskotch topic', {
    aliases: ['CREDENTIAL_USERNAME']
  }),
  PASSWORD: text('of the SCiMMA credential', { secret: true, aliases: ['CREDENTIAL_PASSWORD'] }),
  BROKER_URL: brokers('the brokers of the topics, also of those that Hermes writes; left out: kafka.scimma.org', {
    fallback: { hosts: ['kafka.scimma.org:9092'], username: undefined }
  }),
  TOPIC: text('the topic of what is republished and of messages that name none, or a template of {topic} and {stream}'),
  KEY: text('a CEL expression: the key, where neither handler nor route gives one; over HTTP there are no keys'),
  USER_TOPICS: list('the only topics that may be written; left out: all that the user may write'),
  AUTHORS: text('of messages that name none', { aliases: ['DEFAULT_AUTHORS'] }),
  RATE: number('messages a second at most; left out: as fast as Hermes answers'),
  TIMEOUT: duration('for one request to Hermes', { fallback: 30 }),
  MECHANISM,
  TLS,
  SSL_CA_LOCATION,
  VERIFY_HOSTNAME
}

export type HermesSinkOptions = OptionsOf<typeof hermesFields>

/** Throws `CONFIG_INVALID` for options that do not go together. */
export function checkOptions(options: HermesSinkOptions): void {
  const { TOKEN, USERNAME, PASSWORD, TOPIC, USER_TOPICS, RATE } = options
  const wrong = (problem: string, remedy: string) => new AlertStreamsError('CONFIG_INVALID', problem, { remedy })
  if (RATE !== undefined && RATE <= 0) throw wrong(`RATE is ${RATE}`, 'Set messages a second, as 0.5.')
  if (isFixed(TOPIC) && USER_TOPICS !== undefined && !USER_TOPICS.includes(TOPIC))
    throw wrong(`TOPIC: ${TOPIC} is not among USER_TOPICS`, 'Add it there, or write another topic.')
  if (TOKEN !== undefined && USERNAME !== undefined)
    throw wrong('TOKEN and USERNAME: one of them says how messages go', 'Leave one of the two out.')
  if (TOKEN !== undefined) return
  if (USERNAME === undefined)
    throw wrong(
      'there is neither TOKEN (HERMES_API_KEY) nor USERNAME (CREDENTIAL_USERNAME)',
      'Set TOKEN (over HTTP), or USERNAME and PASSWORD (straight to the topic).'
    )
  if (PASSWORD === undefined)
    throw wrong(`USERNAME is ${USERNAME}, and there is no PASSWORD`, 'Set PASSWORD or PASSWORD_FILE.')
}
