import { AlertStreamsError } from '../contract/errors.ts'
import type { HandlerResult } from '../contract/handler.ts'
import type { Route } from '../contract/route.ts'
import type { Outgoing } from '../contract/sink.ts'
import { StreamAlert } from './alert.ts'
import type { Outbox } from './outbox.ts'
import { republished, type Work } from './work.ts'

/** One outgoing message for one sink. */
export interface Addressed {
  readonly outbox: Outbox
  readonly outgoing: Outgoing
}

/** What a handler returned, as messages for sinks, with the key decided: the handler's, the route's, the sink's, the message's. */
export function address(
  work: Work,
  route: Route,
  result: HandlerResult,
  outboxes: ReadonlyMap<string, Outbox>
): Addressed[] {
  if (result === undefined || result === null) return []
  const addressed: Addressed[] = []
  for (const item of Array.isArray(result) ? result : [result]) {
    const outgoing = item instanceof StreamAlert ? republished(item) : checked(item, route)
    for (const name of outgoing.sink === undefined ? route.sinks : [outgoing.sink]) {
      const outbox = outboxes.get(name)
      if (outbox === undefined) throw unknownSink(name, route, outboxes)
      addressed.push({ outbox, outgoing: { ...outgoing, key: keyFor(work, route, outgoing, outbox) } })
    }
  }
  return addressed
}

function keyFor(work: Work, route: Route, outgoing: Outgoing, outbox: Outbox): string | Uint8Array | null {
  if (outgoing.key !== undefined) return outgoing.key
  const expression = route.publishKey ?? outbox.key
  if (expression === undefined) return work.message.key
  const payload = expression.fields?.length === 0 ? undefined : work.alert.payload()
  const value = expression.value(payload, work.message, work.stream)
  if (value === null || value === undefined) return null
  return value instanceof Uint8Array ? value : String(value)
}

function checked(item: unknown, route: Route): Outgoing {
  if (typeof item === 'object' && item !== null && 'value' in item) return item as Outgoing
  const got = typeof item === 'object' && item !== null ? `{${Object.keys(item).slice(0, 5).join(', ')}}` : typeof item
  throw new AlertStreamsError('HANDLER_FAILED', `handler ${route.handler?.name} returned ${got}, which is no message`, {
    remedy: 'Return nothing, the alert, { value: ... } or a list of these.'
  })
}

function unknownSink(name: string, route: Route, outboxes: ReadonlyMap<string, Outbox>): AlertStreamsError {
  return new AlertStreamsError('HANDLER_FAILED', `handler ${route.handler?.name} names the sink ${name}`, {
    remedy: `SINKS has ${[...outboxes.keys()].join(', ') || 'none'}.`
  })
}
