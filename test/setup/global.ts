import type { TestProject } from 'vitest/node'
import { startKafka } from '../services/kafka.ts'
import { pubsubAdmin, startPubsub } from '../services/pubsub.ts'
import { installPeers, type PeersAddress } from '../services/python.ts'
import { type KafkaAddress, kafkaFromEnvironment, type Provided, type PubsubAddress } from './provided.ts'

interface Started<Address> {
  readonly address: Address
  readonly end: () => Promise<void>
}

/** Starts the services once for all test files, and tells the files where they are. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [kafka, pubsub, peers] = await Promise.all([
    attempt('Kafka', kafkaService),
    attempt('Pub/Sub', pubsubService),
    attempt("Python with the peers' clients", peersService)
  ])
  const end = async () => {
    for (const service of [kafka, pubsub]) if ('end' in service) await service.end()
  }
  const missing = [kafka, pubsub, peers].flatMap((service) => ('missing' in service ? [service.missing] : []))
  if (missing.length > 0 && process.env.CI === 'true') {
    await end()
    throw new Error(missing.join('\n'))
  }
  for (const line of missing) console.error(`${line.replaceAll('\n', ' | ')}: its suites are skipped`)
  project.provide('kafka', provided(kafka))
  project.provide('pubsub', provided(pubsub))
  project.provide('peers', provided(peers))
  return end
}

async function kafkaService(): Promise<Started<KafkaAddress>> {
  const address = kafkaFromEnvironment()
  if (address) return { address, end: async () => {} }
  const { brokers, caFile, oauthKeyFile, remove } = await startKafka({ name: 'vitest' })
  return { address: { ...brokers, caFile, oauthKeyFile }, end: remove }
}

async function pubsubService(): Promise<Started<PubsubAddress>> {
  const host = process.env.PUBSUB_EMULATOR_HOST
  if (host) {
    const admin = await pubsubAdmin(host, 'stats').then(
      () => true,
      () => false
    )
    return { address: { host, admin }, end: async () => {} }
  }
  const server = await startPubsub()
  return { address: { host: server.host, admin: true }, end: server.stop }
}

async function peersService(): Promise<Started<PeersAddress>> {
  return { address: await installPeers(), end: async () => {} }
}

async function attempt<Address>(
  name: string,
  start: () => Promise<Started<Address>>
): Promise<Started<Address> | { missing: string }> {
  try {
    return await start()
  } catch (error) {
    return { missing: `no ${name}: ${error instanceof Error ? error.message : error}` }
  }
}

function provided<Address>(service: Started<Address> | { missing: string }): Provided<Address> {
  return 'missing' in service ? { missing: service.missing.split('\n')[0]! } : { address: service.address }
}
