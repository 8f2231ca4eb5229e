import type { Outcome } from './session.ts'

/** The run as a table for people. */
export function resultLines({ faults, verdict, lives, violations, seconds, folder }: Outcome): string[] {
  const { duplicates } = verdict
  const byKind = new Map<
    string,
    { times: number; inFlight: number[]; uncommitted: number; bound: number; repeated: number }
  >()
  for (const [i, fault] of faults.entries()) {
    const row = byKind.get(fault.kind) ?? { times: 0, inFlight: [], uncommitted: 0, bound: 0, repeated: 0 }
    byKind.set(fault.kind, row)
    const { uncommitted, bound, repeated } = duplicates.byFault[i]!
    row.times++
    row.inFlight.push(fault.lag)
    row.uncommitted += uncommitted
    row.bound += bound
    row.repeated += repeated
  }
  const lines = [
    '',
    `${'fault'.padEnd(18)}${['times', 'least in flight', 'written, not committed', 'may repeat', 'repeated'].map((word) => word.padStart(24)).join('')}`
  ]
  for (const [kind, { times, inFlight, uncommitted, bound, repeated }] of byKind) {
    const cells = [times, Math.min(...inFlight), uncommitted, bound, repeated]
    lines.push(`${kind.padEnd(18)}${cells.map((cell) => String(cell).padStart(24)).join('')}`)
  }
  const { records } = verdict
  lines.push(
    '',
    `produced ${verdict.produced} (${verdict.producedTwice} twice) = delivered ${verdict.delivered} + dead-lettered ${verdict.deadLettered} + not asked for + lost ${verdict.lost.length}`,
    `in the outputs: ${Object.entries(records)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}; duplicates ${duplicates.total}, without a fault ${duplicates.unexplained.length}`,
    `out of order ${verdict.outOfOrder.length}, wrong ${verdict.wrong.length}; keys that end with a repeated alert ${verdict.staleKeys}`,
    `${lives.lives} lives of the program: ${lives.inOrder} ended in order and add up, ${lives.killed} were killed; ${lives.givenBack} given back`,
    `${seconds.toFixed(0)} s`
  )
  if (violations.length === 0) lines.push('every promise was kept')
  else lines.push(...violations.map((violation) => `BROKEN: ${violation}`), `logs and files: ${folder}`)
  return lines
}

/** The same for programs. */
export function summaryOf({ faults, verdict, lives, violations, seconds }: Outcome) {
  const { duplicates, lost, wrong, outOfOrder, violations: _, ...counts } = verdict
  return {
    passed: violations.length === 0,
    violations,
    seconds,
    ...counts,
    lost: lost.length,
    wrong: wrong.length,
    outOfOrder: outOfOrder.length,
    duplicates: duplicates.total,
    unexplainedDuplicates: duplicates.unexplained.length,
    lives,
    faults: faults.map(({ kind, detail, calls, lag, start, end }, i) => ({
      kind,
      detail,
      inHandlers: calls,
      notCommitted: lag,
      at: new Date(start),
      seconds: (end - start) / 1000,
      ...duplicates.byFault[i]!
    }))
  }
}
