import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server process. It does not outlive this process, however this one ends. */
export interface Service {
  readonly pid: number
  readonly alive: boolean
  /** Asks it to end, and makes it end after 20 seconds. */
  stop(): Promise<void>
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
}

/** Starts a server, its output in `logFile`, and waits until `ready` gives true; shows the end of the log if it does not. */
export async function startService(
  command: string,
  args: readonly string[],
  options: {
    readonly logFile: string
    readonly ready: () => Promise<boolean>
    readonly timeoutMs?: number
    readonly env?: NodeJS.ProcessEnv
  }
): Promise<Service> {
  const log = openSync(options.logFile, 'a')
  const child = spawn(command, args, { stdio: ['ignore', log, log], ...(options.env && { env: options.env }) })
  closeSync(log)
  await once(child, 'spawn')
  const service = supervise(child, endWithThisProcess(child.pid!))
  const deadline = Date.now() + (options.timeoutMs ?? 60_000)
  while (!(await options.ready()) || !service.alive) {
    if (service.alive && Date.now() < deadline) {
      await sleep(25)
      continue
    }
    const what = service.alive ? `${command} did not answer in time` : `${command} ended (exit code ${child.exitCode})`
    await service.kill()
    throw new Error(`${what}; the end of its log:\n${lastLines(readFileSync(options.logFile, 'utf8'), 20)}`)
  }
  return service
}

/** Runs a command to its end and returns what it printed, both streams; a failure shows the end of it. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {}
): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (data) => (output += data))
  child.stderr.on('data', (data) => (output += data))
  const [code] = await once(child, 'close')
  if (code === 0) return output
  throw new Error(`${command} ${args[0] ?? ''} failed (exit code ${code}):\n${lastLines(output, 20)}`)
}

/**
 * Ports nobody listens on. Below the range from which the system gives ports to outgoing connections: a port from that
 * range can be taken by a client while the server restarts, even by a client that tries to reach this very port.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if (await isFree(port)) ports.add(port)
  }
  return [...ports]
}

export async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => resolve(true))
  })
  if (free) await new Promise((resolve) => server.close(resolve))
  return free
}

function supervise(child: ChildProcess, guard: ChildProcess): Service {
  const ended = once(child, 'exit').then(() => guard.kill('SIGKILL'))
  const alive = () => child.exitCode === null && child.signalCode === null
  return {
    pid: child.pid!,
    get alive() {
      return alive()
    },
    async stop() {
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), 20_000)
      await ended
      clearTimeout(force)
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    }
  }
}

/** A shell that waits on a pipe which only this process holds open: when it closes, this process is gone. */
function endWithThisProcess(pid: number): ChildProcess {
  const guard = spawn('sh', ['-c', `read line; kill -9 ${pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true
  })
  guard.unref()
  return guard
}

function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}
