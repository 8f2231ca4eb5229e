import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lsstSupernova } from '../test/show/lsst-alert.ts'

// The pictures of docs/show.md, from the command itself: a made-up alert of LSST, and the alert of ZTF that is named.
const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'alertstreams-pictures-'))
const lsst = join(folder, 'lsst.avro')
writeFileSync(lsst, lsstSupernova().bytes)
draw(lsst, 'show-lsst.png')
const [ztf] = process.argv.slice(2)
if (ztf !== undefined) draw(ztf, 'show-ztf.png')
rmSync(folder, { recursive: true })

function draw(file: string, picture: string): void {
  const command = [join(root, 'bin/alertstreams.js'), 'show', file, '--plot', join(root, 'docs', picture)]
  if (spawnSync(process.execPath, command, { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) process.exit(1)
}
