import { parseJson, stringifyJson } from '../codecs/json-text.ts'
import type { Alert } from '../contract/alert.ts'
import type { HandlerResult } from '../contract/handler.ts'
import type { Outgoing } from '../contract/sink.ts'

/** What a program made of an alert. */
export type Answer =
  | { readonly result: HandlerResult }
  /** It says itself that it failed; it goes on. */
  | { readonly error: string; readonly traceback: string | undefined }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** True for the line with which a program begins. */
export function isReady(line: Uint8Array): boolean {
  try {
    return (JSON.parse(utf8.decode(line)) as { ready?: unknown } | null)?.ready === true
  } catch {
    return false
  }
}

/** The answer to a call. Throws `SyntaxError` that says what is wrong with the line. */
export function readAnswer(line: Uint8Array, call: number, alert: Alert): Answer {
  const answer = record(parseJson(utf8.decode(line)), 'the answer')
  if (answer.call !== call)
    throw new SyntaxError(`it has "call": ${stringifyJson(answer.call ?? null)} and not ${call}`)
  known(answer, 'the answer', ['call', 'publish', 'republish', 'error', 'traceback'])
  const { error, traceback, republish, publish = [] } = answer
  if (error !== undefined) return { error: textOf(error, 'error'), traceback: optionalText(traceback, 'traceback') }
  if (isTrue(republish, 'republish')) {
    alone(answer, 'republish', ['call', 'republish'])
    return { result: alert }
  }
  if (!Array.isArray(publish)) throw new SyntaxError('publish is not a list')
  return { result: publish.map((item) => outgoing(record(item, 'an item of publish'), alert)) }
}

function outgoing(item: Given, alert: Alert): Outgoing | Alert {
  known(item, 'an item of publish', ['value', 'base64', 'republish', 'key', 'headers', 'topic', 'sink', 'partition'])
  if (isTrue(item.republish, 'republish')) {
    alone(item, 'republish', ['republish'])
    return alert
  }
  const { key, headers, partition } = item
  const topic = optionalText(item.topic, 'topic')
  const sink = optionalText(item.sink, 'sink')
  if (partition !== undefined && !Number.isSafeInteger(partition)) throw new SyntaxError('partition is not a number')
  return {
    value: contentOf(item),
    ...(key !== undefined && { key: bytesOrText(key, 'key') }),
    ...(headers !== undefined && { headers: headersOf(headers) }),
    ...(topic !== undefined && { topic }),
    ...(sink !== undefined && { sink }),
    ...(partition !== undefined && { partition: partition as number })
  }
}

function contentOf({ value, base64 }: Given): unknown {
  if (base64 !== undefined && value !== undefined) throw new SyntaxError('value and base64 are both given')
  if (base64 !== undefined) return bytesOf(base64, 'base64')
  if (value === undefined) throw new SyntaxError('an item of publish has neither value nor base64 nor republish')
  return value
}

function headersOf(headers: unknown): Outgoing['headers'] & object {
  const pairs: readonly unknown[] = Array.isArray(headers) ? headers : Object.entries(record(headers, 'headers'))
  return pairs.map((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw new SyntaxError('a header is not [name, value]')
    const name = textOf(pair[0], 'the name of a header')
    return [name, bytesOrText(pair[1], `the header ${name}`)] as const
  })
}

function bytesOrText(value: unknown, what: string): string | Uint8Array | null {
  if (value === null || typeof value === 'string') return value
  return bytesOf(record(value, what).base64, what)
}

function bytesOf(value: unknown, what: string): Uint8Array {
  const bytes = Buffer.from(textOf(value, what), 'base64')
  // Node reads what it can and drops the rest in silence.
  if (bytes.toString('base64') !== value) throw new SyntaxError(`${what} is not base64`)
  return bytes
}

type Given = Readonly<Record<string, unknown>>

function record(value: unknown, what: string): Given {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Given
  throw new SyntaxError(`${what} is not an object`)
}

/** A misspelt key would be an alert that is not published. */
function known(given: Given, what: string, names: readonly string[]): void {
  const other = Object.keys(given).find((name) => !names.includes(name))
  if (other !== undefined) throw new SyntaxError(`${other} is not known in ${what}; known: ${names.join(', ')}`)
}

function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  throw new SyntaxError(`${what} is not text`)
}

/** What stands beside it would be passed over. */
function alone(given: Given, what: string, names: readonly string[]): void {
  const other = Object.keys(given).find((name) => !names.includes(name))
  if (other !== undefined) throw new SyntaxError(`${other} cannot stand beside ${what}: true`)
}

function optionalText(value: unknown, what: string): string | undefined {
  return value === undefined || value === null ? undefined : textOf(value, what)
}

function isTrue(value: unknown, what: string): boolean {
  if (value === undefined || typeof value === 'boolean') return value === true
  throw new SyntaxError(`${what} is not true or false`)
}
