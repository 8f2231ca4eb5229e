/** What one pipeline says of itself. */
interface StreamState {
  readonly state: string
  readonly reason: string | undefined
  readonly missing?: string | undefined
  readonly handlers?: Readonly<Record<string, string>>
}

/** Whether alerts can come through, and if not, why. */
export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

/** In these nothing is amiss: it reads, has come to its end, or waits for its SCHEDULE. */
const WELL = ['reading', 'ended', 'resting']

/** Ready: every stream is reading, resting or has ended, and every sink (by name, with what is wrong with it) can be written. */
export function readiness(
  streams: Readonly<Record<string, StreamState>>,
  sinks: Readonly<Record<string, string | undefined>>
): Readiness {
  const ofStreams = Object.entries(streams)
    .filter(([, { state }]) => !WELL.includes(state))
    .map(([id, { state, reason }]) => streamReason(id, state, reason))
  const ofSinks = Object.entries(sinks).flatMap(([name, reason]) =>
    reason === undefined ? [] : [`sink ${name} is unavailable: ${reason}`]
  )
  const ofFetches = Object.entries(streams).flatMap(([id, { missing }]) =>
    missing === undefined ? [] : [`alerts of stream ${id} wait: ${missing}`]
  )
  const ofHandlers = Object.entries(streams).flatMap(([id, { handlers = {} }]) =>
    Object.entries(handlers).map(([route, reason]) => `alerts of ${route} in stream ${id} wait: ${reason}`)
  )
  const reasons = [...ofStreams, ...ofFetches, ...ofHandlers, ...ofSinks]
  return { ready: reasons.length === 0, reasons }
}

/** Many reasons begin with the stream's name already. */
function streamReason(id: string, state: string, reason: string | undefined): string {
  if (reason === undefined) return `stream ${id} is ${state}`
  return `stream ${id} is ${state}: ${reason.replace(`stream ${id}, `, '').replace(`${id}: `, '')}`
}
