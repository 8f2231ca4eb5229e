import {
  choice,
  declare,
  duration,
  flag,
  integer,
  type Field,
  type OptionsOf,
  path,
  text
} from '../contract/options.ts'
import { threshold } from './classtar.ts'
import { testid } from '../contract/testid.ts'
import { startTime } from './start-time.ts'
import { ztfFields } from './ztf-fields.ts'

/** Google's limit for the filter of a subscription, bytes. */
const LONGEST_FILTER = 256

function atLeastOne(field: Field<number | undefined>): Field<number | undefined> {
  return {
    ...field,
    read: (value) => (Number(value) === 0 ? { problem: 'expected 1 or more' } : field.read(value))
  }
}

const yesOrNo = declare<boolean>('flag', { enum: ['yes', 'no', true, false] }, (value) => {
  const word = String(value).toLowerCase()
  if (/^(yes|no|true|false)$/.test(word)) return { value: word === 'yes' || word === 'true' }
  return { problem: 'expected yes or no' }
})

const filter = text(
  'for a subscription that is made: only messages whose attributes match are delivered, as in attributes.is_pure = "1"; Pub/Sub keeps the others back for good',
  { fallback: '' }
)

/** Who one is at Google. */
export const accountFields = {
  PROJECT: text('Your own Google Cloud project, where the subscriptions live; default: GOOGLE_CLOUD_PROJECT.', {
    aliases: ['GOOGLE_CLOUD_PROJECT']
  }),
  KEY_FILE: path(
    'JSON key of a service account; default: TOKEN_FILE, GOOGLE_APPLICATION_CREDENTIALS, a login, or application default credentials, the first that there is.',
    { aliases: ['GOOGLE_APPLICATION_CREDENTIALS'] }
  ),
  TOKEN_FILE: path('What `alertstreams login pitt-google --token-file` has written.')
}

/** The options of every stream of Pub/Sub subscriptions. Lower-case names are those of the forms in tom_pittgoogle. */
export const pubsubFields = {
  ...accountFields,
  TOPIC_PROJECT: text("The project of the topics; default: Pitt-Google's project for the survey.", {
    aliases: ['PITTGOOGLE_PROJECT']
  }),
  SUBSCRIPTION: text('Name of a subscription; {topic} stands for its topic.', {
    fallback: '{topic}',
    aliases: ['PITTGOOGLE_SUBSCRIPTION', 'subscription_name']
  }),
  SUBSCRIPTION_FILTER: {
    ...filter,
    read: (value) =>
      Buffer.byteLength(String(value)) > LONGEST_FILTER
        ? { problem: `has more than ${LONGEST_FILTER} bytes, which Pub/Sub does not take` }
        : filter.read(value)
  } satisfies Field<string>,
  ORDERED: flag('for a subscription that is made: messages with one ordering key come one behind the other', {
    fallback: false
  }),
  START_POSITION: startTime(
    'A time from which everything comes again that Pub/Sub still has, as in 2026-03-01T04:00:00Z or -6h; for an existing subscription it is done once.'
  ),
  MAX_MESSAGES: integer('The most messages of one topic held at once.', {
    fallback: 1000,
    aliases: ['MAX_BACKLOG', 'max_backlog']
  }),
  MAX_RESULTS: atLeastOne(
    integer('The run ends after so many alerts (of each process).', { aliases: ['max_results'] })
  ),
  TESTID: testid(
    'for a test run, set by `--testid`: the subscriptions, and topics of your own project, are those whose names end in -TESTID'
  ),
  TIMEOUT: duration('The run ends after so long without a message.', { aliases: ['timeout'] }),
  CLASSTAR_THRESHOLD: threshold(
    'Only ZTF alerts on one side of this star/galaxy score, 0 to 1 (star); the others are counted as skipped, and not by MAX_RESULTS.',
    { aliases: ['classtar_threshold'] }
  ),
  CLASSTAR_GT_LT: choice('lt: less than CLASSTAR_THRESHOLD; gt: greater or equal.', ['lt', 'gt'], {
    fallback: 'lt',
    aliases: ['classtar_gt_lt']
  }),
  LIGHTEN_ALERTS: flag(
    'Payloads are flat records of objectId, candid, jd, ra, dec, magpsf and classtar, or of ZTF_FIELDS; where a FILTER or a handler sees them.',
    { fallback: false, aliases: ['lighten_alerts'] }
  ),
  ZTF_FIELDS: ztfFields(
    'Other fields for light alerts: a map of the lists top-level, candidate and metadata (message_id, publish_time, names of attributes).',
    { aliases: ['ztf_fields'] }
  ),
  SAVE_METADATA: yesOrNo('Payloads have a field metadata: message_id, publish_time, attributes.', {
    fallback: false,
    aliases: ['save_metadata']
  })
}

export type PubsubOptions = OptionsOf<typeof pubsubFields>
