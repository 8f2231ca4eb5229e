import { AlertStreamsError } from '../contract/errors.ts'

/** Rejects with `CONNECT_FAILED` when the promise takes longer, or the signal aborts. */
export async function within<T>(promise: Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let stop: (() => void) | undefined
  const limit = new Promise<never>((_, reject) => {
    const fail = (what: string) => reject(new AlertStreamsError('CONNECT_FAILED', what))
    timer = setTimeout(() => fail(`no answer within ${ms / 1000} s`), ms)
    stop = () => fail('stopped while connecting')
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop!)
    promise.catch(() => undefined)
  }
}
