import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { peers } from '../setup/services.ts'
import type { Seen } from './leaves.ts'

/** A script beside this file, and what it imports of the peer. */
export type Script =
  | 'hop_peer.py'
  | 'gcn_peer.py'
  | 'kafka_peer.py'
  | 'registry_peer.py'
  | 'fink_peer.py'
  | 'antares_peer.py'
  | 'pittgoogle_peer.py'
  | 'offline_peer.py'

export interface Job {
  readonly do: 'write' | 'read' | 'files' | 'examples' | 'random' | 'bytes'
  /** Arguments of the script's function, by the name of the case. */
  readonly cases: Readonly<Record<string, object>>
  readonly [setting: string]: unknown
}

export interface Answer {
  /** The leaves of each message, by the name of the case. */
  readonly seen: Readonly<Record<string, Seen>>
  /** What went wrong in a case. */
  readonly failed: Readonly<Record<string, string>>
  /** Of the packages that the script stands for: the peer, and what it was used with. */
  readonly versions: Readonly<Record<string, string>>
}

/** Runs a peer's process to its end. What it says on standard error is shown if it fails. */
export async function runPeer(script: Script, job: Job): Promise<Answer> {
  const { python, antares } = peers()!
  const command = script === 'antares_peer.py' ? antares : python
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONWARNINGS: 'ignore' }
  const child = spawn(command, [join(import.meta.dirname, script)], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  const output: Buffer[] = []
  let complaints = ''
  child.stdout.on('data', (data) => output.push(data))
  child.stderr.on('data', (data) => (complaints += data))
  const timer = setTimeout(() => child.kill('SIGKILL'), 180_000)
  child.stdin.on('error', () => {}).end(JSON.stringify(job))
  const [code] = await once(child, 'close')
  clearTimeout(timer)
  if (code !== 0) throw new Error(`${script} ended with ${code}:\n${complaints.slice(-3000)}`)
  return JSON.parse(Buffer.concat(output).toString())
}
