/** Something odd about a feed that did not stop it from being read; said once for each subject. */
export interface CodecReport {
  readonly codec: string
  /** What it is about: a schema's name, a format's label. */
  readonly subject: string
  readonly notes: readonly string[]
}

const KEPT = 256
const reports = new Map<string, CodecReport>()
const listeners = new Set<(report: CodecReport) => void>()

/** Only the first report of a subject is passed on, and only 256 are kept, whatever a feed sends. */
export function report(codec: string, subject: string, notes: readonly string[]): void {
  const key = `${codec} ${subject}`
  if (reports.has(key) || reports.size >= KEPT) return
  const made = { codec, subject, notes }
  reports.set(key, made)
  for (const listener of listeners) listener(made)
}

/** Calls the listener with every report so far and every later one, until the returned function is called. */
export function onCodecReport(listener: (report: CodecReport) => void): () => void {
  for (const made of reports.values()) listener(made)
  listeners.add(listener)
  return () => listeners.delete(listener)
}
