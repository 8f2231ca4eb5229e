import { externalFields } from '../codecs/hop/external.ts'
import { HopCodec } from '../codecs/hop.ts'
import type { Message } from '../contract/alert.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { duration, fallbacksOf, flag, type OptionsOf, text } from '../contract/options.ts'
import type { StreamSetup } from '../contract/stream.ts'
import { checkCredentials, clusterName, connectionFieldsOf, createKafka, credentialsOf } from '../kafka/client.ts'
import { offloadEndpoint } from '../kafka/offload-endpoint.ts'
import { startPosition } from '../kafka/start-position.ts'
import { KafkaSourceStream } from '../kafka/stream.ts'

const fields = {
  ...connectionFieldsOf('kafka://kafka.scimma.org/'),
  GROUP_ID: text('consumer group; the broker wants it to begin with USERNAME; left out: USERNAME-alertstreams'),
  START_POSITION: startPosition('where a new group begins: EARLIEST, LATEST, an ISO time, or hours back as -6h', {
    fallback: { at: 'latest' }
  }),
  INCLUDE_TEST: flag('whether messages that are flagged as tests (header _test) are handled', { fallback: false }),
  SESSION_TIMEOUT: duration('after so long without a sign of life the group gives our partitions away', {
    fallback: 30
  }),
  ...externalFields
}

/** SCiMMA Hopskotch: Kafka with SCRAM credentials, and a format header on each message. */
export class HopskotchAlertStream extends KafkaSourceStream {
  static readonly doc = 'Reads topics of SCiMMA Hopskotch as a Kafka consumer group; any other Kafka cluster too.'
  static readonly fields = fields
  static readonly grouped = true
  static readonly tomNames = ['tom_alertstreams.alertstreams.hopskotch.HopskotchAlertStream']

  static reads(options: OptionsOf<typeof fields>): string {
    groupOf(options)
    checkCredentials(options)
    return clusterName(options)
  }

  constructor(options: OptionsOf<typeof fields>, setup: StreamSetup) {
    super(
      {
        connection: options,
        groupId: groupOf(options),
        start: options.START_POSITION,
        sessionTimeout: options.SESSION_TIMEOUT,
        codec: codecOf(options, setup),
        ...(!options.INCLUDE_TEST && { ignores: isTest })
      },
      setup
    )
  }
}

/** It may ask the broker where large messages lie. */
function codecOf(options: OptionsOf<typeof fields>, setup: StreamSetup): HopCodec {
  const { log, baseDir } = setup
  const connect = () => createKafka(options, log, baseDir, { retry: { retries: 3, initialRetryTime: 200 } })
  const where = options.URL.hosts.join(',')
  const endpoint = offloadEndpoint({ connect, groupPrefix: `${groupOf(options)}-metadata`, where, log })
  const codecSetup = { ...setup, ...credentialsOf(options), offloadEndpoint: endpoint }
  return new HopCodec({ ...fallbacksOf(HopCodec.fields), ...options }, codecSetup)
}

function groupOf({ GROUP_ID, USERNAME, URL }: OptionsOf<typeof fields>): string {
  const username = USERNAME ?? URL.username
  if (GROUP_ID !== undefined) {
    const isHopskotch = URL.hosts.some((host) => /\bscimma\.org:\d+$/.test(host))
    if (!isHopskotch || username === undefined || GROUP_ID.startsWith(username)) return GROUP_ID
    throw new AlertStreamsError('CONFIG_INVALID', `GROUP_ID ${GROUP_ID} would be refused by the broker`, {
      remedy: `Let it begin with the user name: ${username}-${GROUP_ID}.`
    })
  }
  if (username !== undefined) return `${username}-alertstreams`
  throw new AlertStreamsError('CONFIG_INVALID', 'there is neither GROUP_ID nor USERNAME', {
    remedy: 'Set GROUP_ID to a name of your own: with a shared one, strangers would get a part of your alerts.'
  })
}

/** The presence of the header marks it, whatever its value. */
function isTest({ headers }: Message): boolean {
  return headers.some(([name]) => name === '_test')
}
