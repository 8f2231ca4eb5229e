import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig, optionsReference, optionsSchema } from '../../src/config/index.ts'
import { AlertStreamsError } from '../../src/contract/errors.ts'
import { type OptionsOf, text } from '../../src/contract/options.ts'
import { parts as others, QuietStream } from './parts.ts'
import { setupOf } from './setup.ts'
import { written } from './written.ts'

/** Known elsewhere under other names; what it lacks it finds in a "file". */
class Completed extends QuietStream {
  static override readonly tomNames = ['tom.Completed']
  static override readonly fields = {
    ...QuietStream.fields,
    USERNAME: text('the user name', { aliases: ['TOM_USER', 'OLD_USER'] }),
    PASSWORD: text('the password', { secret: true, aliases: ['TOM_SECRET'] })
  }
  static complete(options: OptionsOf<typeof QuietStream.fields>) {
    if (options.USERNAME === 'nobody')
      throw new AlertStreamsError('CREDENTIALS_REFUSED', 'USERNAME nobody is not in the file', { remedy: 'Add it.' })
    return {
      options: { ...options, PASSWORD: options.PASSWORD ?? 'canary-found', GROUP_ID: `${options.USERNAME}-group` },
      secrets: ['canary-found'],
      warnings: ['USERNAME counts for nothing']
    }
  }
}
const parts = { ...others, streams: { Completed } }

async function load(options: string, more = '') {
  const lines = `ALERT_STREAMS:\n- {NAME: Completed, ${more} OPTIONS: {GROUP_ID: g, TOPIC_HANDLERS: {a: ./pass.ts}, ${options}}}\n`
  const folder = await written({
    'pass.ts': 'export default (alert) => alert\n',
    'a.yaml': lines,
    secret: 'canary-file\n'
  })
  return loadConfig([join(folder, 'a.yaml')], { env: {}, parts })
}

async function optionsOf(options: string) {
  const { config, problems } = await load(options)
  if (config === undefined) throw new Error(problems)
  const stream = config.streams[0]!.make(setupOf(config)) as QuietStream
  return { ...config, options: stream.options }
}

test('an option may be given under another name, a secret as a file too', async () => {
  const { options, secrets } = await optionsOf('TOM_USER: alice, TOM_SECRET_FILE: secret')
  expect(options).toMatchObject({ USERNAME: 'alice', PASSWORD: 'canary-file' })
  expect(secrets).toContain('canary-file')
  expect((await load('TOM_USER: alice, OLD_USER: bob')).problems).toMatch(/TOM_USER and OLD_USER are both given/)
  expect((await load('TOM_USR: alice')).problems).toMatch(/did you mean TOM_USER/)
})

test('a class completes its options, says what it found secret, and what has no effect', async () => {
  const { options, secrets, warnings } = await optionsOf('OLD_USER: alice')
  expect(options).toMatchObject({ GROUP_ID: 'alice-group', PASSWORD: 'canary-found' })
  expect(secrets).toContain('canary-found')
  expect(warnings[0]).toContain('USERNAME counts for nothing')
  expect(warnings[0]!.indexOf('^')).toBe(warnings[0]!.indexOf('alice') + warnings[0]!.split('\n')[1]!.length + 1)
})

test('what is not there on this machine is a problem, in a stream that is not active a warning', async () => {
  expect((await load('USERNAME: nobody')).problems).toMatch(/USERNAME nobody is not in the file/)
  const { config, problems } = await load('USERNAME: nobody', 'ACTIVE: false,')
  expect(problems).toBeUndefined()
  expect(config?.warnings.join()).toContain('USERNAME nobody is not in the file (in a stream that is not active)')
})

test('the reference and the schema know the other names', () => {
  expect(optionsReference(parts)).toContain('The password. Also `TOM_SECRET`. **Secret.**')
  const schema = JSON.stringify(optionsSchema(parts))
  for (const name of ['OLD_USER', 'TOM_SECRET', 'TOM_SECRET_FILE']) expect(schema).toContain(`"${name}":`)
})
