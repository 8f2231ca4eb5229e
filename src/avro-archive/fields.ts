import { registryFields } from '../codecs/confluent.ts'
import { type Field, flag, type OptionsOf, path, paths, text } from '../contract/options.ts'
import { testid } from '../contract/testid.ts'
import { storagePathProblem } from '../store/open.ts'
import { templateProblem, USUAL_NAMES } from './names.ts'

const place = paths(
  'where files go, and their names: a folder or gs://bucket/prefix that ends in / gets the names of the broker itself, ' +
    'for ZTF and LSST. Other names have {fields} of the payload, {topic}, {stream}, {survey}, {version}, {YYYY-MM-DD}, ' +
    '{kafka.topic}, {kafka.partition}, {kafka.offset}, {kafka.timestamp} or {attributes.NAME} in them; of several the ' +
    'first counts for which an alert has all. docs/archives.md has examples',
  { required: true }
)

export const archiveFields = {
  PATH: {
    ...place,
    read(value) {
      const read = place.read(value)
      if ('problem' in read) return read
      const whole = read.value.flatMap((one) => (one.endsWith('/') ? USUAL_NAMES.map((name) => `${one}${name}`) : one))
      for (const one of whole) {
        const problem = storagePathProblem(one) ?? templateProblem(one)
        if (problem !== undefined) return { problem: `${one} ${problem}` }
      }
      return { value: whole }
    }
  } satisfies Field<readonly string[]>,
  FIX_SCHEMA: flag(
    'schemas with defaults that their types do not allow, which strict readers and BigQuery refuse, are mended',
    { fallback: true }
  ),
  NOTICE_TOPIC: text('a Pub/Sub topic that gets a message for each file, as Cloud Storage itself would send it'),
  PROJECT: text(
    'the Google Cloud project of NOTICE_TOPIC and, for `setup`, of a new bucket; left out: GOOGLE_CLOUD_PROJECT'
  ),
  KEY_FILE: path('JSON key of a service account; left out: application default credentials'),
  TESTID: testid(
    'for a test run, set by `--testid`: topic and bucket are those whose names end in -TESTID; on a disk files go to a folder TESTID'
  ),
  ...registryFields
}

export type ArchiveOptions = OptionsOf<typeof archiveFields>
