import { buckets } from '../pipeline/account.ts'
import type { Report, Spread } from './report.ts'

const WORDS = {
  closed: 'until it closed',
  stopped: 'until the process stopped',
  ended: 'until the source was exhausted',
  failed: 'until it FAILED'
} as const

/** The report as lines for people. */
export function reportLines(report: Report): readonly string[] {
  const { night, window, started, ended, how, reason, total, topics, perMinute, latencies, gaps, source } = report
  const rows = Object.entries(topics)
  const missed = Object.entries(gaps.missed).filter(([, count]) => count > 0)
  return [
    `night of ${night}: window ${timeOf(window.opens)} to ${timeOf(window.closes)} UTC, ran from ${timeOf(started)} to ${timeOf(ended)} UTC, ${WORDS[how]}${reason === undefined ? '' : `: ${reason}`}`,
    ...[...(rows.length === 1 ? [] : [['all topics', total] as const]), ...rows].map(([topic, row]) => {
      const parts = [...buckets, 'inFlight' as const].filter((bucket) => row[bucket] > 0)
      return `${topic}: ${row.received} received = ${parts.map((bucket) => `${row[bucket]} ${bucket}`).join(' + ') || '0'}`
    }),
    ...(report.balanced ? [] : ['this account does not add up']),
    `alerts a minute: ${perMinute.mean.toFixed(1)} on average, ${perMinute.peak} at most`,
    `published to received: ${spreadText(latencies.received)}; to delivered: ${spreadText(latencies.delivered)}`,
    `dead letters: ${countsText(report.deadLetters)}; written to sinks: ${countsText(report.written)}`,
    `longest silence ${gaps.longestSilence.toFixed(0)} s; lost at the source: ${countsText(Object.fromEntries(missed))}; heartbeats missed: ${gaps.heartbeatsMissed}`,
    `source opened ${source.connects} times, could not be read ${source.waits} times, stood still ${source.stalls} times`
  ]
}

/** The same as a page. */
export function reportPage(report: Report): string {
  const [first, ...lines] = reportLines(report)
  return [`# ${report.stream}, ${report.night}`, '', first, '', ...lines.map((line) => `- ${line}`), ''].join('\n')
}

/** `2026-03-02 02:38:07`. */
function timeOf(time: Date): string {
  return time.toISOString().slice(0, 19).replace('T', ' ')
}

function spreadText({ count, median, p95, max }: Spread): string {
  if (count === 0) return 'nothing'
  return `median ${secondsText(median)}, p95 ${secondsText(p95)}, at most ${secondsText(max)}`
}

function secondsText(seconds = 0): string {
  return `${seconds < 10 ? seconds.toPrecision(2) : seconds.toFixed(0)} s`
}

function countsText(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([name, count]) => `${name} ${count}`)
  return parts.join(', ') || 'none'
}
