import { bounds, type Latencies } from '../pipeline/latencies.ts'
import type { Metric } from './metric-list.ts'
import type { ObservedStream, Sample } from './observed.ts'

/** Three in each decade from 10 ms to a day: enough for a picture, and a third of the lines. */
const shown = new Set(
  bounds.filter((bound) => bound >= 0.01 && bound <= 1e5 && /^(1|2\.5|5)e/.test(bound.toExponential()))
)

export const histograms: readonly Metric[] = [
  histogram('received', 'Seconds from the publication of an alert until it was received.', (s) => s.journal.received),
  histogram('delivered', 'Seconds from its publication until all its sinks had it.', (s) => s.journal.delivered)
]

function histogram(word: string, help: string, latenciesOf: (stream: ObservedStream) => Latencies): Metric {
  const name = `alertstreams_${word}_latency_seconds`
  const samples = (stream: ObservedStream): Sample[] => {
    const { counts, sum, count } = latenciesOf(stream)
    const sample = (suffix: string, value: number, le?: string): Sample => ({
      metricName: `${name}_${suffix}`,
      labels: { stream: stream.id, ...(le !== undefined && { le }) },
      value
    })
    const buckets: Sample[] = []
    let upTo = 0
    for (const [slot, bound] of bounds.entries()) {
      upTo += counts[slot]!
      if (shown.has(bound)) buckets.push(sample('bucket', upTo, String(bound)))
    }
    return [...buckets, sample('bucket', count, '+Inf'), sample('sum', sum), sample('count', count)]
  }
  return { name, help, type: 'histogram', samples: ({ streams }) => streams.flatMap(samples) }
}
