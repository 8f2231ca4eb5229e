import type { Config } from '../contract/config.ts'
import { AlertStreamsError, adviceOf } from '../contract/errors.ts'
import type { Feed, Resource } from '../contract/resource.ts'
import { isGlob } from '../contract/topics.ts'
import { hider } from '../observe/log.ts'
import { confirm } from './confirm.ts'
import { exitCodes } from './exit-codes.ts'

/** Milliseconds for one question to a service. */
const PATIENCE = 30_000

/** All that a configuration needs and that can be made, each once, what others need first. */
export function needsOf({ streams, sinks, baseDir }: Config): readonly Resource[] {
  const used = sinks.filter(({ onDemand }) => !onDemand)
  const ofSinks = used.flatMap((sink) => sink.needs?.(feedsOf(sink.name, streams).known, baseDir) ?? [])
  const ofStreams = streams.flatMap((stream) => stream.needs?.(baseDir) ?? [])
  return [...new Map([...ofSinks, ...ofStreams].map((resource) => [labelOf(resource), resource])).values()]
}

/** What a configuration needs and nobody knows before an alert comes: a table for each topic of a pattern, say. */
export function unknownNeedsOf({ streams, sinks, baseDir }: Config): readonly string[] {
  return sinks.flatMap(({ name, onDemand, needs }) => {
    const { known, patterns } = feedsOf(name, streams)
    if (onDemand || needs === undefined || patterns.length === 0) return []
    const some = patterns.map(({ stream }) => ({ topic: 'any', stream }))
    if (needs([...known, ...some], baseDir).length === needs(known, baseDir).length) return []
    return [
      `not known yet: what the sink ${name} needs for the topics ${patterns.map(({ topic }) => topic).join(', ')}`
    ]
  })
}

/** What comes to a sink: topics, and patterns of topics. */
function feedsOf(sink: string, streams: Config['streams']) {
  const all: readonly Feed[] = streams.flatMap(({ id, routes }) =>
    routes
      .filter(({ sinks, deadLetter }) => sinks.includes(sink) || deadLetter === sink)
      .map(({ key }) => ({ topic: key, stream: id }))
  )
  return { known: all.filter(({ topic }) => !isGlob(topic)), patterns: all.filter(({ topic }) => isGlob(topic)) }
}

/** As people call it, by which two are the same. */
export function labelOf({ kind, name }: Resource): string {
  return `${kind} ${name}`
}

/** What is to be done to resources: to those that are there, or to those that are not. */
export interface Order {
  /** The command that does it. */
  readonly command: string
  readonly to: 'missing' | 'there'
  /** As in `to make`, and `made`. */
  readonly todo: string
  readonly done: string
  /** Asked before it is done, unless `yes`. */
  readonly question: (count: number) => string
  readonly yes: boolean
  /** Milliseconds that one may take. */
  readonly patience: number
  /** Said where there is nothing to do. */
  readonly otherwise: string
  action(resource: Resource, signal: AbortSignal): Promise<void>
}

/** Looks, says what it will do, asks, does it; the exit code. One that fails is said, the others go on. */
export async function carryOut(
  order: Order,
  resources: () => readonly Resource[],
  { secrets }: Pick<Config, 'secrets'>
): Promise<number> {
  const hide = hider(secrets)
  const say = (error: unknown) => process.stderr.write(`alertstreams ${order.command}: ${hide(adviceOf(error))}\n`)
  try {
    const { open, failures } = await lookedUp(order, resources())
    for (const failure of failures) say(failure)
    let code: number = failures.length === 0 ? exitCodes.done : exitCodes.failed
    if (open.length === 0) return failures.length === 0 ? tell(order.otherwise) : code
    if (!(await confirm(order.question(open.length), order.yes))) return tell(`nothing was ${order.done}`)
    for (const resource of open) {
      try {
        await order.action(resource, AbortSignal.timeout(order.patience))
        tell(`${order.done} ${labelOf(resource)}`)
      } catch (error) {
        code = exitCodes.failed
        say(error)
      }
    }
    return code
  } catch (error) {
    if (!(error instanceof AlertStreamsError)) throw error
    say(error)
    return exitCodes.failed
  }
}

/** Those that it is about, and why it is not known of some. */
async function lookedUp({ to, todo }: Order, resources: readonly Resource[]) {
  const open: Resource[] = []
  const failures: unknown[] = []
  for (const resource of resources) {
    try {
      const isThere = await resource.exists(AbortSignal.timeout(PATIENCE))
      if (isThere === (to === 'there')) open.push(resource)
      else if (isThere) tell(`is there: ${labelOf(resource)}`)
    } catch (error) {
      failures.push(error)
    }
  }
  for (const resource of open) tell(`${todo}: ${labelOf(resource)}`)
  return { open, failures }
}

export function tell(line: string): number {
  process.stdout.write(`${line}\n`)
  return exitCodes.done
}
