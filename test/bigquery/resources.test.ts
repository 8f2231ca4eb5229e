import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { datasetResource, tableResource } from '../../src/bigquery/resources.ts'
import { root } from '../docs/blocks.ts'
import { failure } from '../google/big-query.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

const NAME = { project: 'me', dataset: 'ztf', table: 'alerts' }
const asker = { account: { KEY_FILE: undefined, TOKEN_FILE: undefined }, baseDir: root }
const signal = () => AbortSignal.timeout(20_000)

/** A BigQuery that answers everything so. */
async function refusing(status: number, reason: string): Promise<void> {
  const server = createServer((_, response) => {
    response.writeHead(status).end(JSON.stringify(failure(status, reason, 'Google says no')))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  vi.stubEnv('BIGQUERY_EMULATOR_HOST', `127.0.0.1:${(server.address() as AddressInfo).port}`)
}

test.each([
  [400, 'invalid', 'Check TABLE, LOCATION and the columns'],
  [401, 'authError', 'KEY_FILE'],
  [403, 'accessDenied', 'BigQuery Data Owner in project me'],
  [404, 'notFound', 'Check PROJECT (me)'],
  [503, 'backendError', 'can be reached']
])('what %i %s is about when a table is made is said', async (status, reason, remedy) => {
  await refusing(status, reason)
  const said = (name: string) => ({ message: `${name}: Google says no`, remedy: expect.stringContaining(remedy) })
  const dataset = datasetResource(NAME, 'Mars', asker)
  await expect(dataset.create(signal())).rejects.toMatchObject(said('me.ztf'))
  const table = tableResource(NAME, join('config/broker', 'ztf-alerts.json'), asker)
  await expect(table.create(signal())).rejects.toMatchObject(said('me.ztf.alerts'))
})
