import { resolve } from 'node:path'
import type { Codec, CodecClass, CodecSetup, MakeCodec } from '../contract/codec.ts'
import { described, declare, type Fields } from '../contract/options.ts'
import { type CodecName, codecs } from './index.ts'

const names = Object.keys(codecs)

const schema = { anyOf: [{ enum: names }, { type: 'object', required: ['NAME'] }] }

/** CODEC in a route or a sink: a name, or a map of NAME and the codec's own options. */
export const codec = declare<MakeCodec>('codec', schema, readCodec)

function readCodec(given: unknown): { readonly value: MakeCodec } | { readonly problem: string } {
  const settings = typeof given === 'string' ? { NAME: given } : given
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    return { problem: `expected the name of a codec or a map, got ${described(given)}` }
  const { NAME: name, ...options } = settings as Record<string, unknown>
  if (typeof name !== 'string' || !Object.hasOwn(codecs, name))
    return { problem: `there is no codec ${typeof name === 'string' ? name : ''}; known: ${names.join(', ')}` }
  // biome-ignore lint/suspicious/noExplicitAny: a class with options of its own
  const Class: CodecClass<any> = codecs[name as CodecName]
  const read = readAll(options, Class.fields, name)
  if ('problem' in read) return read
  return { value: (setup) => new Class(absolute(read.value, Class.fields, setup.baseDir), setup) }
}

/** One with its usual options. */
export function makeCodec(name: CodecName, setup: CodecSetup): Codec {
  const made = readCodec(name)
  if ('problem' in made) throw new Error(made.problem)
  return made.value(setup)
}

function readAll(
  given: Record<string, unknown>,
  fields: Fields,
  name: string
): { readonly value: Record<string, unknown> } | { readonly problem: string } {
  const value: Record<string, unknown> = {}
  for (const key of Object.keys(given)) {
    const known = Object.keys(fields).join(', ') || 'none'
    if (!Object.hasOwn(fields, key)) return { problem: `${key} is no option of the codec ${name}; it has ${known}` }
  }
  for (const [key, field] of Object.entries(fields)) {
    const one = given[key] ?? undefined
    if (one === undefined && field.required) return { problem: `the codec ${name} needs ${key}: ${field.doc}` }
    const read = one === undefined ? { value: field.fallback } : field.read(one)
    if ('problem' in read) return { problem: `${key}: ${read.problem}` }
    value[key] = read.value
  }
  return { value }
}

function absolute(values: Record<string, unknown>, fields: Fields, baseDir: string): Record<string, unknown> {
  const path = (key: string, value: unknown) =>
    fields[key]!.kind === 'path' && typeof value === 'string' ? resolve(baseDir, value) : value
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, path(key, value)]))
}
