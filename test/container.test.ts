import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const dockerfile = instructionsOf('Dockerfile')

describe('Dockerfile', () => {
  const image = mkdtempSync(join(tmpdir(), 'alertstreams-image-'))
  afterAll(() => rmSync(image, { recursive: true, force: true }))

  test('copies what exists and .dockerignore lets through', () => {
    const allowed = readFileSync('.dockerignore', 'utf8').split('\n')
    for (const source of copied()) {
      expect(existsSync(source), source).toBe(true)
      expect(allowed).toContain(`!${source}`)
    }
  })

  test('starts the program without a shell and not as root', () => {
    expect(argument('USER')).toBe('node')
    expect(JSON.parse(argument('CMD'))).toEqual(['run'])
    const [command, file] = JSON.parse(argument('ENTRYPOINT'))
    expect(command).toBe('node')
    expect(existsSync(file.replace('/app/', ''))).toBe(true)
  })

  test('copies enough to run', () => {
    for (const source of copied()) cpSync(source, join(image, source), { recursive: true })
    symlinkSync(join(process.cwd(), 'node_modules'), join(image, 'node_modules'))
    const [, file] = JSON.parse(argument('ENTRYPOINT'))
    const args = [file.replace('/app', image), 'check']
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: image, encoding: 'utf8' })
    expect(stderr).toContain('alertstreams.yaml')
    expect(status).toBe(2)
  })
})

describe('compose.yaml', () => {
  interface Service {
    readonly image?: string
    readonly build?: string
    readonly depends_on?: Record<string, { condition: string }>
    readonly healthcheck?: object
    readonly environment?: Record<string, string>
  }
  const { services } = parse(readFileSync('compose.yaml', 'utf8')) as { services: Record<string, Service> }

  test('has the program, a Kafka and a Pub/Sub emulator', () => {
    expect(Object.keys(services)).toEqual(['alertstreams', 'kafka', 'pubsub'])
    expect(services.alertstreams!.build).toBe('.')
    expect(services.kafka!.image).toMatch(/^apache\/kafka:4\./)
  })

  test('waits only for services that are there, and for health only where it is checked', () => {
    for (const [name, { condition }] of Object.entries(services.alertstreams!.depends_on!)) {
      expect(services).toHaveProperty(name)
      if (condition === 'service_healthy') expect(services[name]!.healthcheck).toBeDefined()
    }
  })

  test('gives the program addresses at which its neighbours listen', () => {
    const { KAFKA_URL, PUBSUB_EMULATOR_HOST } = services.alertstreams!.environment!
    expect(services.kafka!.environment!.KAFKA_ADVERTISED_LISTENERS).toContain(`//${KAFKA_URL},`)
    expect(PUBSUB_EMULATOR_HOST).toBe('pubsub:8085')
  })
})

/** The sources of the COPY instructions. */
function copied(): string[] {
  return dockerfile.flatMap(([name, rest]) => (name === 'COPY' ? rest.split(' ').slice(0, -1) : []))
}

function argument(name: string): string {
  return dockerfile.findLast(([found]) => found === name)?.[1] ?? ''
}

/** Name and argument of each instruction; ours have one line each. */
function instructionsOf(file: string): (readonly [string, string])[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines
    .filter((line) => /^[A-Z]/.test(line))
    .map((line) => [line.split(' ')[0]!, line.slice(line.indexOf(' ') + 1)] as const)
}
