import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Metrics } from '../../src/observe/metrics.ts'
import { root, tableOf } from '../docs/blocks.ts'
import { MemoryApp, routeOf } from '../fakes/app.ts'
import { soon } from '../fakes/soon.ts'
import { type Family, readExposition } from './exposition.ts'

/** What a run shows in which everything has happened once. */
async function scrape(): Promise<ReadonlyMap<string, Family>> {
  const app = new MemoryApp()
  const fails = () => {
    throw new Error('not today')
  }
  const source = app.stream('one', [routeOf(fails, { deadLetter: 'dead' })])
  source.tellsBacklog = true
  source.bring('alerts', 3)
  const ended = app.run()
  const account = app.account.stream('one')
  account.missed.alerts = 1
  account.lastCommit = new Date()
  await soon(() => expect(app.row()?.deadLettered).toBe(3))
  const text = await new Metrics(app.app).text()
  source.end()
  await ended
  return readExposition(text)
}

/** The names of its labels, without those of a histogram. */
function labelsOf({ samples }: Family): string[] {
  return [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))].filter((label) => label !== 'le')
}

test('the table of metrics is that of a scrape', async () => {
  const families = [...(await scrape())].filter(([name]) => name.startsWith('alertstreams_'))
  const table = tableOf('docs/monitoring.md', 'Metric').map(([name, type, labels, help]) => ({
    name,
    type,
    labels,
    help
  }))
  const scraped = families.map(([name, family]) => {
    const { type, help } = family
    return { name, type, labels: labelsOf(family).join(', '), help }
  })
  expect(table).toEqual(scraped)
})

interface Panel {
  readonly id: number
  readonly title: string
  readonly type: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly datasource: { readonly uid: string }
  readonly targets: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[]
}

describe('the dashboard', () => {
  const dashboard = JSON.parse(readFileSync(join(root, 'config/grafana-dashboard.json'), 'utf8'))
  const panels: readonly Panel[] = dashboard.panels
  const names = (expr: string) => [...expr.matchAll(/\b(?:alertstreams|process|nodejs)_\w+/g)].map(([name]) => name)

  test('asks for metrics that there are, by labels that they have', async () => {
    const families = await scrape()
    const queries = panels.flatMap(({ targets }) => targets)
    expect(queries.length).toBeGreaterThan(20)
    for (const { expr, legendFormat } of queries) {
      expect(names(expr).length, expr).toBeGreaterThan(0)
      for (const name of names(expr)) {
        const family = families.get(name) ?? families.get(name.replace(/_bucket$/, ''))
        expect(family, `${name} in ${expr}`).toBeDefined()
        // A rate is of a counter, and a counter is of no use without one.
        const rated = new RegExp(`(?:rate|increase)\\(${name}(?:\\{[^}]*\\})?\\[`).test(expr)
        expect(rated, expr).toBe(family!.type !== 'gauge')
        // Prometheus adds where it was scraped.
        const known = [...labelsOf(family!), 'instance', 'le']
        const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, labels]) => labels!.split(', '))
        const matched = [...expr.matchAll(/(\w+)=~?"/g)].map(([, label]) => label!)
        const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!)
        expect(
          [...grouped, ...matched].filter((label) => !known.includes(label)),
          expr
        ).toEqual([])
        const left = grouped.length > 0 ? grouped : known
        expect(
          shown.filter((label) => !left.includes(label)),
          `${legendFormat} of ${expr}`
        ).toEqual([])
      }
    }
    const [, variable] = dashboard.templating.list
    for (const name of names(variable.definition)) expect(families.has(name), name).toBe(true)
  })

  test('shows every metric but those that say how things are set', async () => {
    const shown = new Set(panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => names(expr))))
    const ours = [...(await scrape()).keys()].filter((name) => name.startsWith('alertstreams_'))
    const left = ours.filter((name) => !shown.has(name) && !shown.has(`${name}_bucket`))
    expect(left).toEqual([
      'alertstreams_stream_connects_total',
      'alertstreams_stream_preparing',
      'alertstreams_sink_written_bytes_total'
    ])
  })

  test('is whole: panels have numbers, places of their own, and the data source that is chosen', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24)
      return Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`)
    })
    expect(new Set(cells).size).toBe(cells.length)
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own variable
    for (const { datasource } of panels) expect(datasource.uid).toBe('${datasource}')
    for (const { targets } of panels) expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length)
    expect(dashboard.templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' })
  })
})
