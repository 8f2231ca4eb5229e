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

export interface TomToolkit {
  readonly python: string
  /** A folder that puts version 2 of the toolkit before the present one, for PYTHONPATH. */
  readonly two: string
}

/** The TOM Toolkit, its last version 2 too. */
export async function installTom(): Promise<TomToolkit> {
  const python = await environment(await checkPython(), '../services/tom-requirements.txt')
  const file = join(import.meta.dirname, 'tom-2-requirements.txt')
  const two = await cached(`tom-2-${digestOf(readFileSync(file))}`, async (part) => {
    await threeTimes('fetching version 2 of the TOM Toolkit', () =>
      runCommand(python, [...pip, '--target', part, '-r', file])
    )
  })
  return { python, two }
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
  const folder = await cached(`python-${digestOf(identity, readFileSync(file))}`, async (part) => {
    await runCommand(command, ['-m', 'venv', part])
    await threeTimes(`fetching ${requirements}`, () => runCommand(pythonIn(part), [...pip, '-r', file]))
  })
  return pythonIn(folder)
}

const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps']

function digestOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex').slice(0, 12)
}

function pythonIn(folder: string): string {
  return join(folder, 'bin/python')
}
