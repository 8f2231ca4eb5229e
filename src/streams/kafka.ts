import type { CodecName } from '../codecs/index.ts'
import { makeCodec } from '../codecs/option.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { duration, type Fields, integer, type OptionsOf, text } from '../contract/options.ts'
import type { Completed, StreamClass, StreamSetup } from '../contract/stream.ts'
import { checkCredentials, clusterName, connectionFields, credentialsOf, userOf } from '../kafka/client.ts'
import { withTestid } from '../contract/testid.ts'
import { groupIdOf, groupTestid } from '../kafka/group-id.ts'
import { startPosition } from '../kafka/start-position.ts'
import { KafkaSourceStream, NIGHTS } from '../kafka/stream.ts'
import type { TopicNames } from '../kafka/topic-names.ts'

const fields = {
  ...connectionFields,
  GROUP_ID: text('consumer group, a name of your own; left out: USERNAME-alertstreams, or CLIENT_ID-alertstreams'),
  START_POSITION: startPosition('where a new group begins: EARLIEST, LATEST, an ISO time, or hours back as -6h', {
    fallback: { at: 'earliest' }
  }),
  NIGHTS: integer('for topics with a date: how many nights back a new group begins, that of today (UTC) included', {
    fallback: NIGHTS
  }),
  TESTID: groupTestid,
  SESSION_TIMEOUT: duration('after so long without a sign of life the group gives our partitions away', {
    fallback: 30
  })
}

export type KafkaFields = typeof fields
export type KafkaOptions = OptionsOf<KafkaFields>

/** What makes one broker differ from another. */
export type Broker<F extends Fields> = {
  /** One sentence for the reference. */
  readonly doc: string
  readonly fields: F
  /** Left out: `auto`. */
  readonly codec?: CodecName
  /** All consumer groups have to begin so. */
  readonly groupPrefix?: string
  readonly names?: (options: OptionsOf<F>) => TopicNames | undefined
  readonly complete?: (options: OptionsOf<F>) => Completed<OptionsOf<F>>
  /** What it means that a topic is not there, as the end of a sentence. */
  readonly absent?: string
  readonly tomNames?: readonly string[]
} & (OptionsOf<F> extends KafkaOptions ? { readonly common?: Common<F> } : { readonly common: Common<F> })

/** Options of the broker's own as those that all have. */
type Common<F extends Fields> = (options: OptionsOf<F>) => KafkaOptions

/** The options that all have, with a broker's own defaults, as they would stand in YAML. */
export function kafkaFields(defaults: Readonly<Partial<Record<keyof KafkaFields, unknown>>>): KafkaFields {
  const changed = Object.entries(defaults).map(([name, given]) => {
    const field = fields[name as keyof KafkaFields]
    const read = field.read(given)
    if ('problem' in read) throw new Error(`${name}: ${read.problem}`)
    const doc = typeof read.value === 'object' ? `${field.doc}; left out: ${given}` : field.doc
    return [name, { ...field, doc, required: false, fallback: read.value }]
  })
  return { ...fields, ...Object.fromEntries(changed) }
}

/** A stream of one broker: its data over the stream that reads any Kafka. */
export function kafkaStream<F extends Fields>(broker: Broker<F>): StreamClass<F> {
  const complete = broker.complete ?? ((options) => ({ options }))
  const common = (options: OptionsOf<F>) => broker.common?.(options) ?? (options as unknown as KafkaOptions)
  const groupOf = (options: KafkaOptions) =>
    withTestid(groupIdOf(options.GROUP_ID, userOf(options), broker.groupPrefix), options.TESTID)
  return class extends KafkaSourceStream {
    static readonly doc = broker.doc
    static readonly fields = broker.fields
    static readonly grouped = true
    static readonly tomNames = broker.tomNames ?? []
    static readonly complete = complete

    static reads(given: OptionsOf<F>): string {
      const options = common(given)
      groupOf(options)
      checkCredentials(options)
      if (options.NIGHTS < 2)
        throw new AlertStreamsError(
          'CONFIG_INVALID',
          `NIGHTS is ${options.NIGHTS}, and a night crosses midnight (UTC)`,
          {
            remedy: 'Take 2 or more.'
          }
        )
      return clusterName(options)
    }

    constructor(given: OptionsOf<F>, setup: StreamSetup) {
      const options = common(complete(given).options)
      super(
        {
          connection: options,
          groupId: groupOf(options),
          start: options.START_POSITION,
          nights: options.NIGHTS,
          sessionTimeout: options.SESSION_TIMEOUT,
          codec: makeCodec(broker.codec ?? 'auto', { ...setup, ...credentialsOf(options) }),
          names: broker.names?.(given),
          absent: broker.absent
        },
        setup
      )
    }
  }
}

export const KafkaAlertStream = kafkaStream({ doc: 'Reads topics of any Kafka cluster as a consumer group.', fields })
