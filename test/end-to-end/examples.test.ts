import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeKafka, kafka } from '../setup/services.ts'
import { type AccountFile, Program, root, until } from './program.ts'

test.each(['example.yaml', 'demo.yaml', 'demo-kafka.yaml', 'demo/publish.yaml'])(
  'config/%s is valid with nothing in the environment',
  async (name) => {
    const program = new Program(['check', join('config', name)], root, {})
    expect(await program.end(), program.output).toBe(0)
    expect(program.output).toContain('the configuration is valid')
  }
)

describeKafka('npm run demo:kafka', () => {
  test.skipIf(!kafka()?.oauthKeyFile)(
    'ends by itself, and the account is that of the demo',
    { timeout: 60_000 },
    async () => {
      const command: string = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts['demo:kafka']
      const child = spawn(process.execPath, command.split(' ').slice(1), {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe']
      })
      let output = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
      try {
        await until(
          () => child.exitCode !== null,
          'the demo',
          50,
          () => output
        )
      } finally {
        child.kill()
      }
      expect(child.exitCode, output).toBe(0)
      const account: AccountFile = JSON.parse(readFileSync(join(root, 'demo-output/account.json'), 'utf8'))
      expect(account.balanced).toBe(true)
      const { ztf, hopskotch } = account.streams
      expect(ztf!.topics['ztf-loop']).toMatchObject({ received: 100, deadLettered: 1, inFlight: 0 })
      expect(hopskotch!.topics['hermes.test']).toMatchObject({ received: 240, deadLettered: 0 })
      expect(hopskotch!.topics['sys.heartbeat']).toMatchObject({ received: 60, handled: 60 })
      const written = (topic: string) => Number(new RegExp(`^  ${topic}: (\\d+)$`, 'm').exec(output)?.[1])
      expect(written('filtered.ztf-loop')).toBe(ztf!.topics['ztf-loop']!.delivered)
      expect(written('filtered.hermes.test')).toBe(hopskotch!.topics['hermes.test']!.delivered)
      expect(written('brightening')).toBe(account.sinks.brightening!.written)
      expect(written('dead-letters')).toBe(1)
    }
  )
})
