import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cached, threeTimes } from './cache.ts'
import { freePorts, runCommand, startService } from './process.ts'
import { answers } from './ready.ts'

const MODULE = 'github.com/fsouza/fake-gcs-server@v1.56.1'

export interface RunningGcs {
  /** http://host:port, the value for STORAGE_EMULATOR_HOST. */
  readonly url: string
  makeBucket(bucket: string): Promise<void>
  /** Stores an object, over one of that name. */
  put(bucket: string, name: string, bytes: Uint8Array | string, encoding?: string): Promise<void>
  stop(): Promise<void>
}

/** Starts a Cloud Storage server of its own on a free port, empty. */
export async function startGcs(): Promise<RunningGcs> {
  const binary = await installGcs()
  const folder = mkdtempSync(join(tmpdir(), 'alertstreams-gcs-'))
  const [port] = (await freePorts(1)) as [number]
  const url = `http://127.0.0.1:${port}`
  const args = ['-backend', 'memory', '-scheme', 'http', '-host', '127.0.0.1', '-port', String(port)]
  const server = await startService(binary, [...args, '-external-url', url, '-log-level', 'warn'], {
    logFile: join(folder, 'server.log'),
    ready: () => answers(port, 'GET /storage/v1/b HTTP/1.0\r\n\r\n'),
    timeoutMs: 10_000
  })
  return {
    url,
    makeBucket: (name) => post(`${url}/storage/v1/b?project=test`, JSON.stringify({ name }), 'application/json'),
    put: (bucket, name, bytes, encoding) => {
      const query = new URLSearchParams({ uploadType: 'media', name, ...(encoding && { contentEncoding: encoding }) })
      return post(`${url}/upload/storage/v1/b/${bucket}/o?${query}`, bytes, 'application/octet-stream')
    },
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

async function post(url: string, body: Uint8Array | string, type: string): Promise<void> {
  const response = await fetch(url, { method: 'POST', body: Buffer.from(body), headers: { 'Content-Type': type } })
  const text = await response.text()
  if (!response.ok) throw new Error(`POST ${url}: ${response.status} ${text}`)
}

/** Builds the server the first time (a minute or two); returns the path of its binary. */
export async function installGcs(): Promise<string> {
  await runCommand('go', ['version']).catch(() => {
    throw new Error('needs Go (https://go.dev/dl)')
  })
  return cached(`fake-gcs-server-${MODULE.split('@')[1]}`, async (part) => {
    const folder = `${part}.build`
    mkdirSync(folder)
    try {
      await threeTimes('building fake-gcs-server', () =>
        runCommand('go', ['install', '-trimpath', '-ldflags=-s -w', MODULE], { env: { ...process.env, GOBIN: folder } })
      )
      renameSync(join(folder, 'fake-gcs-server'), part)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}
