import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { shippedHandlers } from '../../src/config/handlers.ts'
import { loadConfig } from '../../src/config/index.ts'
import { tomHandlers } from '../../src/config/tom-names.ts'

const folder = mkdtempSync(join(tmpdir(), 'alertstreams-tom-names-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function load(NAME: string, OPTIONS: object, ACTIVE = true) {
  const file = join(folder, 'alertstreams.yaml')
  writeFileSync(file, stringify({ ALERT_STREAMS: [{ ACTIVE, NAME, OPTIONS }] }))
  return loadConfig([file], { env: {} })
}

const tom = 'tom_alertstreams.alertstreams'
const hopskotch = { URL: 'kafka://kafka.scimma.org/', GROUP_ID: 'me-tom', USERNAME: 'me', PASSWORD: 'secret' }

test.for(Object.entries(tomHandlers))('%s is the handler %s, or is said to be on its way', async ([dotted, ours]) => {
  const options = { ...hopskotch, TOPIC_HANDLERS: { 'a.topic': dotted } }
  const { config, problems } = await load(`${tom}.hopskotch.HopskotchAlertStream`, options)
  if (shippedHandlers().includes(ours)) expect(config?.streams[0]?.routes[0]?.handler?.name).toBe(ours)
  else {
    expect(problems).toMatch(`the handler ${dotted} is not supported yet`)
    const inactive = await load(`${tom}.hopskotch.HopskotchAlertStream`, options, false)
    expect(inactive.config?.warnings.join()).toMatch(`${dotted} is not supported yet (in a stream that is not active)`)
  }
})

/** What each class takes in a TOM: all of its options. */
const classes: Readonly<Record<string, readonly [options: object, ignored: readonly string[]]>> = {
  [`${tom}.hopskotch.HopskotchAlertStream`]: [{ ...hopskotch, START_POSITION: 'EARLIEST' }, []],
  [`${tom}.gcn.GCNClassicAlertStream`]: [
    {
      GCN_CLASSIC_CLIENT_ID: 'me',
      GCN_CLASSIC_CLIENT_SECRET: 'secret',
      DOMAIN: 'gcn.nasa.gov',
      CONFIG: { 'group.id': 'tom', 'auto.offset.reset': 'earliest', 'enable.auto.commit': false }
    },
    ['enable.auto.commit']
  ],
  [`${tom}.antares.AntaresAlertStream`]: [
    { API_KEY: 'me', API_SECRET: 'secret', GROUP: 'tom', SSL_CA_LOCATION: null, ENABLE_AUTO_COMMIT: false },
    ['ENABLE_AUTO_COMMIT']
  ],
  'tom_fink.alertstream.FinkAlertStream': [
    { URL: 'host:24499', GROUP_ID: 'me', USERNAME: 'me', TOPIC: 'x', MAX_POLL_NUMBER: 1e10, TIMEOUT: 10 },
    ['MAX_POLL_NUMBER', 'TIMEOUT']
  ]
}

test.for(Object.entries(classes))('%s takes the options that it has in a TOM', async ([name, [options, ignored]]) => {
  const TOPIC_HANDLERS = { 'a.topic': `${tom}.gcn.alert_logger` }
  const { config, problems } = await load(name, { ...options, TOPIC_HANDLERS })
  expect(problems).toBeUndefined()
  expect(config!.warnings).toHaveLength(ignored.length)
  for (const word of ignored) expect(config!.warnings.join('\n')).toMatch(word)
})
