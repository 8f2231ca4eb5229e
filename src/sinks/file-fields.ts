import { unknownPlaceholder } from '../archive/file-names.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { bytes, choice, type Field, type OptionsOf, path, text } from '../contract/options.ts'
import { testid } from '../contract/testid.ts'
import { storagePathProblem } from '../store/open.ts'
import { rotateField } from './rotation.ts'

const pathField: Field<string> = {
  ...path(
    'The file, with {topic} and {stream} filled in; a path that ends in / is a folder with {topic}.ndjson in it. With FORMAT raw: the folder, or with {key} in it the whole name, as plots/{key}.png; also gs://bucket/prefix, in Google Cloud Storage.',
    { required: true }
  ),
  read(value) {
    if (typeof value !== 'string' || value === '') return { problem: 'expected a path' }
    const unknown = unknownPlaceholder(value)
    if (unknown !== undefined) return { problem: `${unknown} stands for nothing here; {topic}, {stream} and {key} do` }
    const problem = storagePathProblem(value)
    if (problem !== undefined) return { problem }
    return { value: value.endsWith('/') ? `${value}{topic}.ndjson` : value }
  }
}

export const fileFields = {
  PATH: pathField,
  FORMAT: choice(
    'messages: all of a message in a line; payload: the decoded payload as JSON, a line each; raw: the bytes, a file each.',
    ['messages', 'payload', 'raw'],
    { fallback: 'messages' }
  ),
  ROTATE_BYTES: bytes('Start a new file before this one grows beyond so many bytes.'),
  ROTATE: rotateField,
  KEY_FILE: path('For gs://: JSON key of a service account; left out: application default credentials.'),
  PROJECT: text(
    'For gs://: the Google Cloud project in which `setup` makes the bucket; left out: GOOGLE_CLOUD_PROJECT.'
  ),
  TESTID: testid(
    'For a test run, set by `--testid`: files go to a folder TESTID, or a bucket whose name ends in -TESTID.'
  )
}

export type FileOptions = OptionsOf<typeof fileFields>

/** Throws `CONFIG_INVALID` for options that do not go together. */
export function checkTogether({ PATH, FORMAT }: FileOptions): void {
  const part = ['{key}', 'gs://'].find((part) => PATH.includes(part))
  if (part === undefined || FORMAT === 'raw') return
  throw new AlertStreamsError('CONFIG_INVALID', `PATH with ${part} is for a file a message, and FORMAT is ${FORMAT}`, {
    remedy: 'Set FORMAT: raw, or another PATH.'
  })
}
