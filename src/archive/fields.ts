import { AlertStreamsError } from '../contract/errors.ts'
import { type Field, flag, number, type OptionsOf, paths, text } from '../contract/options.ts'
import { accountFields } from '../google/fields.ts'
import { speed } from './pace.ts'
import { time } from './span.ts'

const rate = number('The most messages a second; left out, as SPEED says.')

export const archiveFields = {
  PATH: paths(
    'A folder with all below it, a file or a glob, or several of these. .ndjson and .jsonl hold a message a line (what FileSink writes), .avro, .json, .xml and .bin an alert; .gz is one of these by gzip, and .tar, .tar.gz and .tgz hold such files. gs://bucket/prefix is all below it in Google Cloud Storage.',
    { required: true }
  ),
  TOPIC: text(
    'The topic of messages whose file does not say; default: the name of the folder, or of the tar archive, that the file lies in.'
  ),
  SINCE: time(
    "Only what was published at this time or later, as in 2026-03-01T04:00:00Z, 2026-03-01, 20260301 or -6h. The time is the message's own; else the night that the file or its folder names as YYYYMMDD; else when the file was changed."
  ),
  UNTIL: time('Only what was published before this time.'),
  SPEED: speed(
    'The gaps between messages are as they were published (original), or so many times shorter (10x); default: max, without gaps.'
  ),
  RATE: {
    ...rate,
    read: (value) => (Number(value) > 0 ? rate.read(value) : { problem: 'expected a number above 0' })
  } satisfies Field<number | undefined>,
  RECORDS_APART: flag('Each record of an Avro container with several is a message; false: the container is one.', {
    fallback: true
  }),
  KEY_FILE: accountFields.KEY_FILE,
  TOKEN_FILE: accountFields.TOKEN_FILE
}

export type ArchiveOptions = OptionsOf<typeof archiveFields>

/** Throws `CONFIG_INVALID` for options that do not go together. */
export function checkTogether({ SINCE, UNTIL, SPEED, RATE }: ArchiveOptions): void {
  const now = Date.now()
  const [since, until] = [SINCE, UNTIL].map((at) => (at !== undefined && at < 0 ? now + at : at))
  if (since !== undefined && until !== undefined && since >= until) throw wrong('UNTIL', 'is not after SINCE')
  if (RATE !== undefined && Number.isFinite(SPEED)) throw wrong('RATE', 'and SPEED exclude each other')
}

function wrong(option: string, problem: string): AlertStreamsError {
  return new AlertStreamsError('CONFIG_INVALID', `${option} ${problem}`)
}
