import { beforeAll, expect, onTestFinished, test } from 'vitest'
import hermesAlert from '../../handlers/hermes-alert.ts'
import type { Alert, HandlerContext, Outgoing } from '../../src/index.ts'
import { simplifiedName } from '../../src/index.ts'
import { RecordingLog } from '../contract/log.ts'
import { PATIENCE } from '../contract/reading.ts'
import { sourceOf, writeAll } from '../contract/sink-bench.ts'
import { tomSink } from '../harnesses/tom-sink.ts'
import { describeTom, type RunningTom, startTom } from '../services/tom.ts'
import { dataOf, type KeptDatum } from './data.ts'
import { alike, different, known, type Message } from './messages.ts'

/** Each message has a topic of its own, by which what was made of it is found. */
const all = Object.fromEntries(
  [...Object.entries(alike), ...Object.entries(different).map(([title, { message }]) => [title, message] as const)].map(
    ([title, message], number) => [title, { ...message, topic: `${message.topic}.${number}` }] as const
  )
)

/** Each datum once, and first where it came first. */
function once(data: readonly KeptDatum[]): readonly KeptDatum[] {
  const identity = ({ target, timestamp, value }: KeptDatum) => JSON.stringify([target, timestamp, value])
  return [...new Map(data.toReversed().map((datum) => [identity(datum), datum])).values()].reverse()
}

function handled(message: Message): readonly Outgoing[] {
  const alert = { topic: message.topic, headers: [], payload: () => message } as unknown as Alert
  const context: HandlerContext = { options: {}, log: new RecordingLog(), signal: new AbortController().signal }
  return hermesAlert(alert, context) as readonly Outgoing[]
}

/** The photometry of our handler, for the target that a TOM would find. */
function oursOf(message: Message): readonly KeptDatum[] {
  const data = handled(message).flatMap(({ value }) => {
    const { table, row } = value as { table: string; row: Record<string, unknown> }
    const same = (name: string) => simplifiedName(name) === simplifiedName(String(row.target))
    const target = known.find(({ name, aliases }) => [name, ...aliases].some(same))?.name
    if (table !== 'photometry' || target === undefined) return []
    const { timestamp, value: kept, source_location } = row.extra as Record<string, unknown>
    const datum = { target, data_type: 'photometry', timestamp, source_name: row.source, source_location }
    return [{ ...datum, value: JSON.stringify(kept) } as KeptDatum]
  })
  return once(data)
}

async function tomWithTargets(): Promise<RunningTom> {
  const tom = await startTom(2)
  for (const [number, { name, aliases }] of known.entries()) {
    const place = { type: 'SIDEREAL', ra: 10 * number + 5, dec: 20 }
    await tom.post('targets/', { name, ...place, aliases: aliases.map((alias) => ({ name: alias })) })
  }
  return tom
}

describeTom("what a TOM's own handler makes of messages of Hermes", () => {
  let theirs: readonly KeptDatum[] = []
  const threw = new Map<string, string>()
  const theirsOf = (title: string) => theirs.filter(({ source_name }) => source_name === all[title]!.topic)

  beforeAll(async () => {
    const tom = await tomWithTargets()
    try {
      const titles = Object.keys(all)
      const thrown = await tom.ingest(Object.values(all))
      for (const one of thrown as { message: number; threw: string }[]) threw.set(titles[one.message]!, one.threw)
      theirs = dataOf(tom)
    } finally {
      await tom.remove()
    }
  }, 120_000)

  test('twenty messages or more are compared', () => {
    expect(Object.keys(alike).length).toBeGreaterThanOrEqual(20)
    expect(theirs.length).toBeGreaterThan(30)
  })

  test.each(Object.keys(alike))('ours makes the same, in the order of the keys too: %s', (title) => {
    expect(threw.get(title)).toBe(undefined)
    expect(oursOf(all[title]!)).toEqual(theirsOf(title))
  })

  test.each(Object.entries(different))('ours makes something else: %s', (title, { theirs, ours, throws }) => {
    expect(threw.get(title)).toBe(throws)
    expect(theirsOf(title)).toHaveLength(theirs)
    const made = oursOf(all[title]!).map((datum) => ({ ...datum, value: JSON.parse(datum.value) }))
    expect(made).toMatchObject(ours)
    expect(made).toHaveLength(ours.length)
  })

  test('TomSink writes the same data into a TOM that has never seen them, and none twice', async () => {
    const tom = await tomWithTargets()
    onTestFinished(() => tom.remove())
    const sink = tomSink({ URL: tom.url })
    await sink.connect(AbortSignal.timeout(PATIENCE))
    for (let round = 0; round < 2; round++) {
      for (const title of Object.keys(alike)) {
        const source = sourceOf({ topic: all[title]!.topic })
        const placed = handled(all[title]!).map((outgoing) => sink.place(outgoing, source))
        expect(await writeAll(sink, placed)).toEqual([])
      }
      const sorted = (data: readonly KeptDatum[]) => data.map((datum) => JSON.stringify(datum)).sort()
      expect(sorted(dataOf(tom))).toEqual(sorted(Object.keys(alike).flatMap(theirsOf)))
    }
    await sink.close()
  }, 120_000)
})
