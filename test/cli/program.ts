import { spawnSync } from 'node:child_process'
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
