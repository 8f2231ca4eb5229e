import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe } from 'vitest'
import { cached } from './cache.ts'
import { whyMissing } from './missing.ts'
import { freePorts, runCommand, type Service, startService } from './process.ts'
import { installTom } from './python.ts'

export const PASSWORD = 'canary-of-the-tom'
export const TOKEN = '0123456789abcdef0123456789abcdef01234567'
const BASIC = `Basic ${Buffer.from(`observer:${PASSWORD}`).toString('base64')}`
const script = join(import.meta.dirname, 'tom_server.py')

const missing = await whyMissing('no TOM Toolkit', installTom)

/** The toolkit's last version 2, or the present one. */
export type TomVersion = 2 | 3

export interface TomOptions {
  readonly authStrategy?: 'READ_ONLY' | 'LOCKED'
  /** Tokens are taken by a TOM whose settings say so. */
  readonly tokens?: boolean
  /** Lists of its interface come in pages by limit and offset, unless its settings say otherwise. */
  readonly pages?: 'usual' | 'numbered' | 'none'
}

/** A TOM of one's own, with the users `observer`, who may do everything, and `guest`, who may do nothing. */
export interface RunningTom {
  readonly url: string
  readonly port: number
  /** Rows of its database. */
  query(sql: string, ...values: readonly (string | number)[]): readonly Record<string, unknown>[]
  /** What the TOM answers to a request that has to succeed. */
  post(path: string, body: unknown): Promise<Record<string, unknown>>
  delete(path: string): Promise<void>
  /** Lets the TOM's own handler take messages of Hermes; gives what it threw. Version 2 alone has one. */
  ingest(messages: readonly unknown[]): Promise<readonly unknown[]>
  /** Ends it as a crash would, and starts it again on its database and port. */
  kill(): Promise<void>
  restart(): Promise<void>
  remove(): Promise<void>
}

/**
 * A suite that needs TOMs: where there is a Python they are installed, which takes a minute or two the first time. Those
 * of `versions` are started before the first test: a busy machine needs half a minute to load one.
 */
export function describeTom(title: string, suite: () => void, versions: readonly TomVersion[] = []): void {
  describe.skipIf(missing !== undefined)(missing === undefined ? title : `${title} (${missing})`, () => {
    beforeAll(async () => {
      for (const version of [2, 3] as const) await prepared(version)
      for (const version of versions) await tom(version)
    }, 600_000)
    afterAll(async () => {
      for (const tom of shared.values()) await (await tom).remove()
      shared.clear()
    })
    suite()
  })
}

export const describeTom2: typeof describeTom = (title, suite) => describeTom(title, suite, [2])
export const describeTom3: typeof describeTom = (title, suite) => describeTom(title, suite, [3])

const shared = new Map<TomVersion, Promise<RunningTom>>()

/** The TOM of this test file, started when it is first asked for; `describeTom` ends it. */
export function tom(version: TomVersion): Promise<RunningTom> {
  const running = shared.get(version) ?? startTom(version)
  shared.set(version, running)
  return running
}

interface Prepared {
  readonly python: string
  readonly environment: NodeJS.ProcessEnv
  /** An empty database, to be copied. */
  readonly database: string
}

async function prepared(version: TomVersion): Promise<Prepared> {
  const { python, two } = await installTom()
  const environment = {
    ...process.env,
    TOM_PASSWORD: PASSWORD,
    TOM_TOKEN: TOKEN,
    ...(version === 2 && { PYTHONPATH: two })
  }
  const recipe = createHash('sha256').update(readFileSync(script)).update(`${python} ${two} ${version}`).digest('hex')
  const database = await cached(`tom-${recipe.slice(0, 12)}.sqlite`, async (part) => {
    await runCommand(python, [script, 'make', part], { env: environment })
  })
  return { python, environment, database }
}

export async function startTom(version: TomVersion, options: TomOptions = {}): Promise<RunningTom> {
  const { python, environment, database } = await prepared(version)
  const folder = mkdtempSync(join(tmpdir(), 'alertstreams-tom-'))
  const file = join(folder, 'tom.sqlite')
  copyFileSync(database, file)
  const [port] = (await freePorts(1)) as [number]
  const url = `http://127.0.0.1:${port}/`
  const env = { ...environment, ...settingsOf(options) }
  const ready = () =>
    fetch(url, { redirect: 'manual' }).then(
      () => true,
      () => false
    )
  const start = () =>
    startService(python, [script, 'serve', file, String(port)], { logFile: join(folder, 'tom.log'), ready, env })
  const request = async (method: string, path: string, body?: unknown) => {
    const headers = { Authorization: BASIC, 'Content-Type': 'application/json' }
    const response = await fetch(`${url}api/${path}`, { method, headers, body: JSON.stringify(body) ?? null })
    const text = await response.text()
    if (response.ok) return text
    throw new Error(`${method} ${path}: ${response.status} ${text}`)
  }
  let service: Service = await start()
  return {
    url,
    port,
    query(sql, ...values) {
      using db = new DatabaseSync(file, { readOnly: true, timeout: 10_000 })
      return db.prepare(sql).all(...values)
    },
    post: async (path, body) => JSON.parse(await request('POST', path, body)),
    delete: async (path) => void (await request('DELETE', path)),
    async ingest(messages) {
      const lines = join(folder, 'messages.jsonl')
      writeFileSync(lines, messages.map((message) => `${JSON.stringify(message)}\n`).join(''))
      const output = await runCommand(python, [script, 'ingest', file, lines], { env })
      return output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
    },
    kill: () => service.kill(),
    async restart() {
      service = await start()
    },
    async remove() {
      await service.kill()
      rmSync(folder, { recursive: true })
    }
  }
}

const pagination = {
  usual: {},
  // So small that few rows take several.
  numbered: { DEFAULT_PAGINATION_CLASS: 'rest_framework.pagination.PageNumberPagination', PAGE_SIZE: 3 },
  none: { DEFAULT_PAGINATION_CLASS: null }
}

function settingsOf({ authStrategy = 'READ_ONLY', tokens = true, pages = 'usual' }: TomOptions): NodeJS.ProcessEnv {
  const schemes = [...(tokens ? ['TokenAuthentication'] : []), 'SessionAuthentication', 'BasicAuthentication']
  const classes = schemes.map((name) => `rest_framework.authentication.${name}`)
  return {
    TOM_AUTH_STRATEGY: authStrategy,
    TOM_REST_FRAMEWORK: JSON.stringify({
      DEFAULT_AUTHENTICATION_CLASSES: classes,
      ...pagination[pages]
    })
  }
}
