import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { kafkaEnvironment } from '../setup/provided.ts'
import { startKafka } from './kafka.ts'
import { startPubsub } from './pubsub.ts'

const usage = `Starts services, runs a command with their addresses in its environment, and ends them.
usage: node test/services/run.ts kafka|pubsub... [-- command arguments...]
Without a command the services run until Ctrl-C.`

interface Started {
  readonly environment: Record<string, string>
  readonly end: () => Promise<void>
}

const starters: Record<string, () => Promise<Started>> = {
  async kafka() {
    const { brokers, caFile, oauthKeyFile, remove } = await startKafka({ name: 'run' })
    return { environment: kafkaEnvironment({ ...brokers, caFile, oauthKeyFile }), end: remove }
  },
  async pubsub() {
    const server = await startPubsub()
    return { environment: { PUBSUB_EMULATOR_HOST: server.host, METADATA_SERVER_DETECTION: 'none' }, end: server.stop }
  }
}

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const separator = args.includes('--') ? args.indexOf('--') : args.length
  const names = args.slice(0, separator)
  const [command, ...commandArgs] = args.slice(separator + 1)
  if (names.length === 0 || names.some((name) => !(name in starters))) {
    console.error(usage)
    return 2
  }
  const started: Started[] = []
  try {
    for (const name of names) started.push(await starters[name]!())
    const environment = Object.assign({}, ...started.map((service) => service.environment))
    return command === undefined ? await waitForSignal(environment) : await runWith(environment, command, commandArgs)
  } finally {
    for (const service of started) await service.end()
  }
}

/** The command gets the signals; we end when it does, with its exit code. */
async function runWith(environment: Record<string, string>, command: string, args: string[]): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...environment } })
  // A terminal sends Ctrl-C to the child as well; other signals come to us alone.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const [code] = await once(child, 'exit')
  return code ?? 1
}

async function waitForSignal(environment: Record<string, string>): Promise<number> {
  for (const [name, value] of Object.entries(environment)) console.log(`export ${name}=${value}`)
  const stay = setInterval(() => {}, 60_000)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  clearInterval(stay)
  return 0
}
