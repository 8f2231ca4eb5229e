import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Outgoing } from '../../src/contract/sink.ts'
import { alertOf } from '../command/pool-bench.ts'
import { RecordingLog } from '../contract/log.ts'
import { handlerSetup } from '../fakes/handler-setup.ts'
import { goodConfig, routeOf } from './written.ts'

const route = async (text: string, files = {}, env = {}) => {
  const yaml = `ALERT_STREAMS: [{ NAME: QuietStream, OPTIONS: { GROUP_ID: g, TOPIC_HANDLERS: { a: ${text} } } }]`
  return routeOf(await goodConfig({ 'a.yaml': yaml, ...files }, env), 'a')
}

it('a program has as many calls at once as it can use, unless CONCURRENCY is less', async () => {
  const concurrency = async (text: string) => (await route(text)).concurrency
  expect(await concurrency('{ COMMAND: [sh] }')).toBe(2)
  expect(await concurrency('{ COMMAND: sh, WORKERS: 20 }')).toBe(40)
  expect(await concurrency('{ HANDLER: { COMMAND: sh, WORKERS: 20 }, CONCURRENCY: 7 }')).toBe(7)
  expect(await concurrency('{ HANDLER: { COMMAND: sh }, CONCURRENCY: 7 }')).toBe(2)
  expect(await concurrency('./pass.ts')).toBe(16)
})

it('a program is named by what is written, but for what variables say', async () => {
  const { handler } = await route(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: variables of the configuration
    '{ COMMAND: ["${SHELL_FOLDER}/sh", -c, "${TOKEN}", 7] }',
    {},
    { SHELL_FOLDER: '/bin', TOKEN: 'canary' }
  )
  expect(handler?.name).toBe('sh -c *** 7')
})

it('a program may lie beside the YAML file, and runs there', async () => {
  const script = `#!/bin/sh
echo '{"ready":true}'
read -r request
printf '{"call":1,"publish":[{"value":"%s %s"}]}\\n' "$(cat here.txt)" "$1"
read -r request
`
  const files = { 'tools/run.sh': script, 'here.txt': 'in its folder' }
  const yaml = (folder: string) => `{ COMMAND: [${folder}/run.sh, argument] }`
  // Nobody may start it yet.
  await expect(route(yaml('./tools'), files)).rejects.toThrow(/run\.sh is no program/)
  const elsewhere = mkdtempSync(join(tmpdir(), 'command-'))
  writeFileSync(join(elsewhere, 'run.sh'), script)
  chmodSync(join(elsewhere, 'run.sh'), 0o755)
  const { handler } = await route(yaml(elsewhere), files)
  const log = new RecordingLog()
  const open = handler!.open(handlerSetup({ log }))
  const result = await open.call(alertOf({}), { options: {}, log, signal: AbortSignal.any([]) })
  expect((result as readonly Outgoing[])[0]!.value).toBe('in its folder argument')
  await open.close()
})
