import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { Lag } from './lag.ts'
import { histograms } from './latency-metrics.ts'
import { type Metric, metricList } from './metric-list.ts'
import type { Observed } from './observed.ts'

/** Everything that /metrics shows, read off the account at each scrape: alerts on their way pay nothing for it. */
export class Metrics {
  readonly #registry = new Registry()

  constructor(observed: Observed) {
    const lag = new Lag(observed.streams)
    for (const metric of [...metricList, ...histograms, lag]) new Scraped(metric, observed, this.#registry)
    collectDefaultMetrics({ register: this.#registry })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }
}

/**
 * The registry takes classes of prom-client alone, and those keep a value for each set of labels, which would have to be
 * copied there at each scrape.
 */
class Scraped extends Gauge {
  readonly #metric: Metric
  readonly #observed: Observed

  constructor(metric: Metric, observed: Observed, registry: Registry) {
    super({ name: metric.name, help: metric.help, registers: [registry] })
    this.#metric = metric
    this.#observed = observed
  }

  /** What the registry asks for, where there is one. */
  async getForPromString() {
    const { name, help, type, samples } = this.#metric
    return { name, help, type, values: await samples(this.#observed) }
  }
}
