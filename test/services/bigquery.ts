import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts, startService } from './process.ts'
import { installBigquery } from './python.ts'

let started: Promise<string> | undefined

/** host:port of a stand-in for BigQuery, the value for BIGQUERY_EMULATOR_HOST; started when first asked for. */
export function bigquery(): Promise<string> {
  started ??= start()
  return started
}

/** It ends with this process. */
async function start(): Promise<string> {
  const python = await installBigquery()
  const folder = mkdtempSync(join(tmpdir(), 'alertstreams-bigquery-'))
  const [rest, grpc] = await freePorts(2)
  const host = `127.0.0.1:${rest}`
  const script = join(import.meta.dirname, 'bigquery_server.py')
  const ports = ['--rest-port', String(rest), '--grpc-port', String(grpc)]
  const ready = () =>
    fetch(`http://${host}/bigquery/v2/projects/p/datasets`).then(
      ({ ok }) => ok,
      () => false
    )
  await startService(python, [script, 'start', ...ports, '--log-level', 'error'], {
    logFile: join(folder, 'server.log'),
    ready
  })
  return host
}

/** A call to it that has to succeed. */
export async function callBigquery(host: string, path: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`http://${host}/bigquery/v2/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body)
  })
  const text = await response.text()
  const answer = response.ok ? JSON.parse(text) : undefined
  if (answer === undefined || answer.insertErrors?.length > 0) throw new Error(`${path}: ${response.status} ${text}`)
  return answer
}
