import { existsSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kind } from '../bench.ts'
import { runCommand } from '../../services/process.ts'

/** A limit of file size stands for a full disk: the next write of the file sink fails half-way. */
const full: Kind = {
  name: 'disk',
  async apply({ members }) {
    const lives = members.alive
    const limit = (life: (typeof lives)[number], bytes: string) =>
      runCommand('prlimit', ['--pid', String(life.child.pid), `--fsize=${bytes}`])
    const sizes = lives.map(({ outputFile }) => (existsSync(outputFile) ? statSync(outputFile).size : 0))
    await Promise.all(lives.map((life, i) => limit(life, `${sizes[i]! + 1000}:unlimited`)))
    await sleep(4000)
    await Promise.all(lives.filter((life) => !life.ended).map((life) => limit(life, 'unlimited:unlimited')))
    return `no room for the file sinks of ${lives.length} members for 4 s`
  }
}

export const diskKinds: readonly Kind[] = [full]
