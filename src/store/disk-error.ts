import { AlertStreamsError, reasonOf } from '../contract/errors.ts'

/** A failed write to a disk as ours. */
export function diskError(error: unknown, path: string): AlertStreamsError {
  if (error instanceof AlertStreamsError) return error
  return new AlertStreamsError('SINK_UNAVAILABLE', `${path} cannot be written: ${reasonOf(error)}`, {
    cause: error,
    remedy: remedyFor(diskCode(error))
  })
}

/** ENOENT, EEXIST and the like. */
export function diskCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function remedyFor(code: unknown): string {
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') return 'Make room on the disk, or set ROTATE_BYTES.'
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'Give this user the right to write there.'
  return 'Check PATH of the sink and the disk behind it.'
}
