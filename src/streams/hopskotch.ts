import { externalFields } from '../codecs/hop/external.ts'
import { HopCodec } from '../codecs/hop.ts'
import { limitFields } from '../codecs/limits.ts'
import type { Message } from '../contract/alert.ts'
import type { CodecSetup } from '../contract/codec.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { duration, fallbacksOf, flag, type OptionsOf, path, text } from '../contract/options.ts'
import type { Completed, StreamSetup } from '../contract/stream.ts'
import {
  checkCredentials,
  clusterName,
  connectionFieldsOf,
  createKafka,
  credentialsOf,
  userOf
} from '../kafka/client.ts'
import { withTestid } from '../contract/testid.ts'
import { groupIdOf, groupTestid } from '../kafka/group-id.ts'
import { isHopskotch, withHopCredential } from '../kafka/hop-auth.ts'
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
  TESTID: groupTestid,
  SESSION_TIMEOUT: duration('after so long without a sign of life the group gives our partitions away', {
    fallback: 30
  }),
  AUTH_FILE: path(
    "hop's auth.toml, or the CSV file of a credential from SCiMMA; left out: hop's own file, where there is no PASSWORD"
  ),
  ...externalFields,
  ...limitFields
}

type HopskotchOptions = OptionsOf<typeof fields>

/** SCiMMA Hopskotch: Kafka with SCRAM credentials, which hop may keep, and a format header on each message. */
export class HopskotchAlertStream extends KafkaSourceStream {
  static readonly doc = 'Reads topics of SCiMMA Hopskotch as a Kafka consumer group; any other Kafka cluster too.'
  static readonly fields = fields
  static readonly grouped = true
  static readonly tomNames = ['tom_alertstreams.alertstreams.hopskotch.HopskotchAlertStream']

  static complete(options: HopskotchOptions): Completed<HopskotchOptions> {
    return withHopCredential(options)
  }

  static reads(options: HopskotchOptions): string {
    groupOf(options)
    checkCredentials(options)
    return clusterName(options)
  }

  /** Codecs may ask the broker where large messages lie. */
  static codecSetup(options: HopskotchOptions, setup: CodecSetup): CodecSetup {
    const { log, baseDir } = setup
    const connect = () => createKafka(options, log, baseDir, { retry: { retries: 3, initialRetryTime: 200 } })
    const where = options.URL.hosts.join(',')
    const endpoint = offloadEndpoint({ connect, groupPrefix: `${groupOf(options)}-metadata`, where, log })
    return { ...setup, ...credentialsOf(options), offloadEndpoint: endpoint }
  }

  constructor(given: HopskotchOptions, setup: StreamSetup) {
    const { options } = withHopCredential(given)
    super(
      {
        connection: options,
        groupId: groupOf(options),
        start: options.START_POSITION,
        sessionTimeout: options.SESSION_TIMEOUT,
        codec: new HopCodec(
          { ...fallbacksOf(HopCodec.fields), ...options },
          HopskotchAlertStream.codecSetup(options, setup)
        ),
        ...(!options.INCLUDE_TEST && { ignores: isTest })
      },
      setup
    )
  }
}

function groupOf(options: HopskotchOptions): string {
  const user = userOf(options)
  const named = (prefix?: string) => withTestid(groupIdOf(options.GROUP_ID, user, prefix), options.TESTID)
  if (!isHopskotch(options)) return named()
  if (options.GROUP_ID !== undefined || user !== undefined) return named(user)
  throw new AlertStreamsError('CONFIG_INVALID', "there is no USERNAME, and no credential in hop's auth.toml", {
    remedy: 'Set USERNAME and PASSWORD, or AUTH_FILE, or run hop auth add.'
  })
}

/** The presence of the header marks it, whatever its value. */
function isTest({ headers }: Message): boolean {
  return headers.some(([name]) => name === '_test')
}
