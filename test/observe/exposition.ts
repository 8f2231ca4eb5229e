/** A metric as it was scraped. */
export interface Family {
  readonly type: string
  readonly help: string
  readonly samples: readonly Sample[]
}

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/y

/** Reads Prometheus' text format, version 0.0.4, and throws where it is not kept. */
export function readExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, { type: string; help: string; samples: Sample[] }>()
  const helps = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (keyword === 'HELP') helps.set(name, rest)
    else if (keyword === 'TYPE') {
      if (!NAME.test(name) || families.has(name)) throw new Error(`bad or repeated name: ${line}`)
      families.set(name, { type: rest, help: helps.get(name) ?? '', samples: [] })
    } else if (line !== '') sampleInto(families, line)
  }
  for (const [name, family] of families) checkHistogram(name, family)
  return families
}

function sampleInto(families: Map<string, { type: string; samples: Sample[] }>, line: string): void {
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? []
  const base = families.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '')
  const family = families.get(base)
  if (family === undefined) throw new Error(`no TYPE before: ${line}`)
  if (base !== name && family.type !== 'histogram' && family.type !== 'summary') throw new Error(`bad name: ${line}`)
  if (!/^nan$/i.test(value) && Number.isNaN(Number(value.replace('Inf', 'Infinity'))))
    throw new Error(`bad value: ${line}`)
  const sample = { name, labels: labelsOf(labels, line), value: Number(value.replace('Inf', 'Infinity')) }
  if (
    family.samples.some(
      (other) => other.name === name && JSON.stringify(other.labels) === JSON.stringify(sample.labels)
    )
  )
    throw new Error(`twice: ${line}`)
  family.samples.push(sample)
}

function labelsOf(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  let end = 0
  for (let match = LABEL.exec(text); match !== null; match = LABEL.exec(text)) {
    labels[match[1]!] = match[2]!.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char))
    end = LABEL.lastIndex
  }
  if (end !== text.length) throw new Error(`bad labels: ${line}`)
  return labels
}

/** Buckets only grow, and the last one is the count. */
function checkHistogram(name: string, { type, samples }: Family): void {
  if (type !== 'histogram') return
  const without = ({ le, ...others }: Readonly<Record<string, string>>) => JSON.stringify(others)
  for (const count of samples.filter((one) => one.name === `${name}_count`)) {
    const buckets = samples.filter(
      (one) => one.name === `${name}_bucket` && without(one.labels) === without(count.labels)
    )
    const values = buckets.map(({ value }) => value)
    const grow = values.every((value, index) => index === 0 || value >= values[index - 1]!)
    const bounds = buckets.map(({ labels: { le = '' } }) => Number(le.replace('+Inf', 'Infinity')))
    const rise = bounds.every((bound, index) => index === 0 || bound > bounds[index - 1]!)
    if (!grow || !rise || values.at(-1) !== count.value) throw new Error(`the buckets of ${name} are no histogram`)
  }
}
