import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached, threeTimes } from './cache.ts'
import { runCommand } from './process.ts'

/** The Python of each environment in which clients of others run: see the requirements in test/peers. */
export interface PeersAddress {
  readonly python: string
  readonly antares: string
}

/** Makes the environments the first time, from the package index. */
export async function installPeers(): Promise<PeersAddress> {
  const python = await checkPython()
  // Not both at once: each unpacks thousands of files.
  const main = await environment(python, 'requirements.txt')
  return { python: main, antares: await environment(python, 'requirements-antares.txt') }
}

interface Python {
  readonly command: string
  /** Of another one, or of another version, the environment would not work. */
  readonly identity: string
}

/** The Python in which the stand-in for BigQuery runs. */
export async function installBigquery(): Promise<string> {
  return environment(await checkPython(), '../services/bigquery-requirements.txt')
}

/** The Python in which the SALT2 handler runs. */
export async function installSalt2(): Promise<string> {
  return environment(await checkPython(), '../broker/requirements.txt')
}

async function checkPython(): Promise<Python> {
  const command = process.env.PYTHON ?? 'python3'
  const script = 'import sys, ensurepip, venv; print(sys.version_info[:2] >= (3, 11), sys.version, sys.base_prefix)'
  const identity = await runCommand(command, ['-c', script]).catch(() => '')
  if (!identity.startsWith('True')) throw new Error('needs Python 3.11 or newer with venv (Debian: python3-venv)')
  return { command, identity }
}

async function environment({ command, identity }: Python, requirements: string): Promise<string> {
  const file = join(import.meta.dirname, '../peers', requirements)
  const recipe = createHash('sha256').update(identity).update(readFileSync(file))
  const folder = await cached(`python-${recipe.digest('hex').slice(0, 12)}`, async (part) => {
    await runCommand(command, ['-m', 'venv', part])
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', file]
    await threeTimes(`fetching ${requirements}`, () => runCommand(pythonIn(part), pip))
  })
  return pythonIn(folder)
}

function pythonIn(folder: string): string {
  return join(folder, 'bin/python')
}
