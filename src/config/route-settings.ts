import { codec } from '../codecs/option.ts'
import { choice, duration, flag, integer, list, map, text } from '../contract/options.ts'

/** What may stand in DEFAULTS, beside a stream's OPTIONS, and in a route. */
export const inheritedFields = {
  HANDLER: text(
    'What is called with each alert: a name of ours, `./path.ts#export`, a dotted name of a TOM, or a map with COMMAND.'
  ),
  FILTER: text('A CEL expression over the decoded alert; only alerts for which it is true go on.'),
  FIELDS: list('Paths of the payload fields that the handler, KEY and ORDER_BY see, as in `candidate.drb`.'),
  CODEC: codec("Decodes the payload instead of the stream's own codec: a name, or a map of `NAME` and its options."),
  SINKS: list(
    'Names in SINKS or DATA_SHARING that receive what the handler returns; without a handler, the alert as it came.'
  ),
  KEY: text('A CEL expression: the key of what is published.'),
  ORDER_BY: text("A CEL expression: alerts of equal value stay in order; `none`: no order. Default: the partition's."),
  CONCURRENCY: integer('The most handler calls of this route at once.', { fallback: 16 }),
  DEDUPE: map('`KEY` and `WINDOW`: alerts whose key was delivered within the window go no further.'),
  RETRY: map('`ATTEMPTS` and `BACKOFF` of failing handler calls.'),
  TIMEOUT: duration('The time for one handler call.', { fallback: 60 }),
  DEAD_LETTER: text('The name in SINKS that receives alerts which failed for good; null: none.'),
  ON_FAILURE: choice('Without a DEAD_LETTER: fail the stream, or count the alert and go on.', ['stop', 'skip'], {
    fallback: 'stop'
  }),
  ALLOW_LOOP: flag('Allow that a sink writes a topic which is read from the same broker.', { fallback: false })
}

/** The settings of a route. */
export const routeFields = {
  ...inheritedFields,
  OPTIONS: map("The handler's options.", { fallback: {} })
}

export const retryFields = {
  ATTEMPTS: integer('Handler calls in all, the first included.', { fallback: 3 }),
  BACKOFF: duration('The time before the second call; it doubles from there.', { fallback: 1 })
}

export const dedupeFields = {
  KEY: text('A CEL expression over the decoded alert; alerts for which it is null are all delivered.', {
    required: true
  }),
  WINDOW: duration('How long a delivered key is remembered.', { fallback: 24 * 3600 })
}
