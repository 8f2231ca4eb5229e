import { access, rename } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { described, duration, type Field } from '../contract/options.ts'
import { syncFolder } from '../store/sync-folder.ts'

/** When a file has had enough: at so many bytes, after so many seconds, at the end of an observing night. */
export interface Rotation {
  readonly bytes: number | undefined
  readonly every: number | 'night' | undefined
}

/** ROTATE: a duration in seconds, or `night`. */
export const rotateField: Field<number | 'night' | undefined> = {
  ...duration(
    'Start a new file after this time (counted from 1970, UTC), or at noon UTC for `night`; then the next message starts it.'
  ),
  kind: 'duration or night',
  schema: { type: ['number', 'string'] },
  read(value) {
    if (value === 'night') return { value }
    const read = duration('').read(value)
    if ('problem' in read)
      return { problem: `expected night, or a time such as 10m, 24h or 7d, got ${described(value)}` }
    return read.value === undefined || read.value >= 1 ? read : { problem: 'expected one second or more' }
  }
}

const SECOND = 1000
const DAY = 86_400 * SECOND

/** Noon to noon UTC, as Rubin counts its `day_obs`. Milliseconds since the epoch in, nights since the epoch out. */
function nightOf(time: number): number {
  return Math.floor((time - DAY / 2) / DAY)
}

/** True when a file last written at that time should not take `adding` more bytes now. */
export function isFull(
  { bytes, every }: Rotation,
  file: { readonly length: number; readonly writtenAt: number },
  adding: number,
  now: number
): boolean {
  if (file.length === 0) return false
  if (bytes !== undefined && file.length + adding > bytes) return true
  if (every === undefined) return false
  const periodOf = every === 'night' ? nightOf : (time: number) => Math.floor(time / (every * SECOND))
  return periodOf(file.writtenAt) < periodOf(now)
}

/** Gives a finished file its final name: `a.ndjson` becomes `a.20250302T041503Z.ndjson`, or `a.20250301.ndjson` for a night. */
export async function moveFinished(path: string, { every }: Rotation, writtenAt: number): Promise<string> {
  const extension = extname(path)
  const stem = path.slice(0, path.length - extension.length)
  for (let twin = 1; ; twin++) {
    const name = `${stem}.${stampOf(writtenAt, every)}${twin === 1 ? '' : `-${twin}`}${extension}`
    if (await exists(name)) continue
    await rename(path, name)
    await syncFolder(dirname(path))
    return name
  }
}

function stampOf(writtenAt: number, every: Rotation['every']): string {
  const time = new Date(every === 'night' ? nightOf(writtenAt) * DAY : Math.floor(writtenAt / SECOND) * SECOND)
  const text = time.toISOString().replace(/[-:]|\.000/g, '')
  return every === 'night' ? text.slice(0, 8) : text
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false
  )
}
