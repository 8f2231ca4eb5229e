import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Codec, CodecClass, CodecSetup, MakeCodec } from '../contract/codec.ts'
import { AlertStreamsError } from '../contract/errors.ts'
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
  return { value: (setup) => new Class(withFiles(read.value, read.files, Class.fields, setup.baseDir), setup) }
}

/** One with its usual options. */
export function makeCodec(name: CodecName, setup: CodecSetup): Codec {
  const made = readCodec(name)
  if ('problem' in made) throw new Error(made.problem)
  return made.value(setup)
}

interface Read {
  readonly value: Record<string, unknown>
  /** Secrets that are given as files: the path of each, by the option's name. */
  readonly files: Record<string, string>
}

function readAll(given: Record<string, unknown>, fields: Fields, name: string): Read | { readonly problem: string } {
  const value: Record<string, unknown> = {}
  const files: Record<string, string> = {}
  const known = Object.entries(fields).flatMap(([key, { secret }]) => (secret ? [key, `${key}_FILE`] : [key]))
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) return { problem: `${key} is no option of the codec ${name}; it has ${known.join(', ')}` }
  }
  for (const [key, field] of Object.entries(fields)) {
    const one = given[key] ?? undefined
    const file = field.secret ? (given[`${key}_FILE`] ?? undefined) : undefined
    if (file !== undefined && (one !== undefined || typeof file !== 'string')) {
      return { problem: `${key}_FILE must be a path, and stand without ${key}` }
    }
    if (typeof file === 'string') files[key] = file
    else if (one === undefined && field.required) return { problem: `the codec ${name} needs ${key}: ${field.doc}` }
    const read = one === undefined ? { value: field.fallback } : field.read(one)
    if ('problem' in read) return { problem: `${key}: ${read.problem}` }
    value[key] = read.value
  }
  return { value, files }
}

/** Paths become absolute, and files of secrets what they hold. */
function withFiles(values: Read['value'], files: Read['files'], fields: Fields, baseDir: string): Read['value'] {
  const path = (key: string, value: unknown) =>
    fields[key]!.kind === 'path' && typeof value === 'string' ? resolve(baseDir, value) : value
  const whole = Object.entries(values).map(([key, value]) => [key, path(key, value)])
  const secrets = Object.entries(files).map(([key, file]) => [key, secretIn(resolve(baseDir, file), key)])
  return Object.fromEntries([...whole, ...secrets])
}

function secretIn(file: string, key: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new AlertStreamsError('CONFIG_INVALID', `The file ${file} of ${key}_FILE cannot be read`, {
      cause,
      remedy: 'Check the path and its permissions'
    })
  }
}
