import type { Config } from '../contract/config.ts'
import { AlertStreamsError, adviceOf } from '../contract/errors.ts'
import type { Feed, Resource } from '../contract/resource.ts'
import { isGlob } from '../contract/topics.ts'
import { hider } from '../observe/log.ts'
import { confirm } from './confirm.ts'
import { exitCodes } from './exit-codes.ts'

/** Milliseconds for one question or order to a service. */
const PATIENCE = 30_000

/** All that a configuration needs and that can be made, each once, what others need first. */
export function needsOf({ streams, sinks, baseDir }: Config): readonly Resource[] {
  const feedsOf = (name: string): Feed[] =>
    streams.flatMap(({ id, routes }) =>
      routes
        .filter(({ key, sinks, deadLetter }) => !isGlob(key) && (sinks.includes(name) || deadLetter === name))
        .map(({ key }) => ({ topic: key, stream: id }))
    )
  const used = sinks.filter(({ onDemand }) => !onDemand)
  const ofSinks = used.flatMap((sink) => sink.needs?.(feedsOf(sink.name), baseDir) ?? [])
  const ofStreams = streams.flatMap((stream) => stream.needs?.(baseDir) ?? [])
  return [...new Map([...ofSinks, ...ofStreams].map((resource) => [labelOf(resource), resource])).values()]
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
  /** Said where there is nothing to do. */
  readonly otherwise: string
  action(resource: Resource, signal: AbortSignal): Promise<void>
}

/** Looks, says what it will do, asks, does it; the exit code. One that fails is said, the others go on. */
export async function carryOut(
  order: Order,
  resources: readonly Resource[],
  { secrets }: Pick<Config, 'secrets'>
): Promise<number> {
  const hide = hider(secrets)
  const say = (error: unknown) => process.stderr.write(`alertstreams ${order.command}: ${hide(adviceOf(error))}\n`)
  try {
    const open = await lookedUp(order, resources)
    if (open.length === 0) return tell(order.otherwise)
    if (!(await confirm(order.question(open.length), order.yes))) return tell(`nothing was ${order.done}`)
    let code = exitCodes.done as number
    for (const resource of open) {
      try {
        await order.action(resource, AbortSignal.timeout(PATIENCE))
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

/** Those that it is about. */
async function lookedUp({ to, todo }: Order, resources: readonly Resource[]): Promise<readonly Resource[]> {
  const open: Resource[] = []
  for (const resource of resources) {
    const isThere = await resource.exists(AbortSignal.timeout(PATIENCE))
    if (isThere === (to === 'there')) open.push(resource)
    else if (isThere) tell(`is there: ${labelOf(resource)}`)
  }
  for (const resource of open) tell(`${todo}: ${labelOf(resource)}`)
  return open
}

function tell(line: string): number {
  process.stdout.write(`${line}\n`)
  return exitCodes.done
}
