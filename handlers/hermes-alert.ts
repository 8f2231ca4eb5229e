import { type Handler, hermesTableRows, hopMessageId, rowsOf } from '../src/index.ts'

interface Options {
  /** `false`: rows of photometry only; the targets are those that are there already. */
  readonly TARGETS?: boolean
}

/** Publishes the targets and the photometry of a Hermes message, each as a row of its own: `{table, row}`. */
const hermesAlert: Handler<unknown, Options> = (alert, { options, log }) => {
  const rows = rowsOf(alert.payload(), alert.topic)
  for (const { row, reason } of rows.skipped) log.warn({ row }, `${row} is skipped: ${reason}`)
  const wanted = options.TARGETS === false ? { ...rows, targets: [] } : rows
  return hermesTableRows(wanted, hopMessageId(alert.headers) ?? null).map((value) => ({ value }))
}

export default hermesAlert
