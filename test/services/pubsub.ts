import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cached, threeTimes } from './cache.ts'
import { freePorts, runCommand, startService } from './process.ts'
import { patchPstest } from './pstest-patch.ts'
import { answers } from './ready.ts'

const source = join(import.meta.dirname, 'pubsub-server')

export interface RunningPubsub {
  /** host:port, the value for PUBSUB_EMULATOR_HOST; gRPC and REST. */
  readonly host: string
  readonly pid: number
  /** Calls `/__admin/<path>` and returns its answer: stats, clear, kick, down?ms=, fault?method=&code=&n=. */
  admin(path: string): Promise<Record<string, unknown>>
  stop(): Promise<void>
  /** Ends the server as a crash would. It keeps nothing, so `admin('down?ms=')` is the better outage. */
  kill(): Promise<void>
}

/** Starts a Pub/Sub server of its own on a free port and waits until it answers. */
export async function startPubsub(
  options: { /** Google's is 10. */ readonly minAckDeadlineSeconds?: number } = {}
): Promise<RunningPubsub> {
  const binary = await installPubsub()
  const folder = mkdtempSync(join(tmpdir(), 'alertstreams-pubsub-'))
  const [port] = (await freePorts(1)) as [number]
  const host = `127.0.0.1:${port}`
  const args = ['-addr', host, '-min-ack-deadline', String(options.minAckDeadlineSeconds ?? 10)]
  const server = await startService(binary, args, {
    logFile: join(folder, 'server.log'),
    ready: () => answers(port, 'GET /__admin/stats HTTP/1.0\r\n\r\n'),
    timeoutMs: 10_000
  })
  const end = async (how: () => Promise<void>) => {
    await how()
    rmSync(folder, { recursive: true, force: true })
  }
  return {
    host,
    pid: server.pid,
    admin: (path) => pubsubAdmin(host, path),
    stop: () => end(server.stop),
    kill: () => end(server.kill)
  }
}

/** Calls an admin path of a server that the tests started. */
export async function pubsubAdmin(host: string, path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`http://${host}/__admin/${path}`)
  const text = await response.text()
  if (!response.ok) throw new Error(`/__admin/${path}: ${response.status} ${text}`)
  return JSON.parse(text)
}

/** Builds the server the first time; returns the path of its binary. */
export async function installPubsub(): Promise<string> {
  const go = await checkGo()
  const files = [...readdirSync(source).map((name) => join(source, name)), join(import.meta.dirname, 'pstest-patch.ts')]
  const recipe = createHash('sha256').update(go)
  for (const file of files) recipe.update(readFileSync(file))
  return cached(`pubsub-server-${recipe.digest('hex').slice(0, 12)}`, build)
}

/** Works in a copy of the source with the modules vendored, so that pstest can be corrected there. */
async function build(part: string): Promise<void> {
  const folder = `${part}.build`
  mkdirSync(folder)
  try {
    cpSync(source, folder, { recursive: true })
    await threeTimes('fetching the Go modules', () => runCommand('go', ['mod', 'vendor'], { cwd: folder }))
    patchPstest(join(folder, 'vendor/cloud.google.com/go/pubsub/v2/pstest'))
    await runCommand('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', part, '.'], { cwd: folder })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function checkGo(): Promise<string> {
  const version = await runCommand('go', ['version']).catch(() => '')
  const [major = 0, minor = 0] = (/go(\d+)\.(\d+)/.exec(version)?.slice(1) ?? []).map(Number)
  if (major < 1 || (major === 1 && minor < 21)) {
    throw new Error('needs Go 1.21 or newer (https://go.dev/dl)')
  }
  return version
}
