import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../docs/blocks.ts'

const bin = join(root, 'bin/alertstreams.js')

export interface Ended {
  readonly code: number | null
  readonly out: Buffer
  readonly lines: readonly string[]
  readonly errors: string
}

/** Runs the command line to its end. */
export function alertstreams(args: readonly string[], input: string | Uint8Array = '', cwd?: string): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { input, cwd, maxBuffer: 1 << 28 })
  const lines = stdout.toString().split('\n').slice(0, -1)
  return { code: status, out: stdout, lines, errors: stderr.toString() }
}

/** The same beside servers of this process, and with more in its environment. */
export async function alertstreamsBeside(
  args: readonly string[],
  env: Readonly<Record<string, string>>
): Promise<Ended> {
  const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, ...env } })
  const [out, errors]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (data: Buffer) => out.push(data))
  child.stderr.on('data', (data: Buffer) => errors.push(data))
  child.stdin.end()
  const [code] = (await once(child, 'close')) as [number | null]
  const all = Buffer.concat(out)
  return { code, out: all, lines: all.toString().split('\n').slice(0, -1), errors: Buffer.concat(errors).toString() }
}

/** A folder that is deleted with `using`. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'alertstreams-cli-'))

  file(name: string): string {
    return join(this.path, name)
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
