import type { Field, Fields } from '../contract/options.ts'
import { commandFields } from './command.ts'
import { heartbeatFields } from './heartbeats.ts'
import { dedupeFields, inheritedFields, retryFields, routeFields } from './route-settings.ts'
import { httpFields, runnerFields } from './runner.ts'
import { scheduleFields } from './schedule.ts'
import type { Parts } from './scope.ts'
import { sharingFields } from './sharing.ts'
import { siteFields, siteNames } from './site.ts'

type Schema = Readonly<Record<string, unknown>>

const REFERENCE_OR_ROUTE = 'A handler reference, a program (COMMAND), or a map of settings.'
const map = { type: 'object' }

/** JSON Schema (draft 2020-12) of a configuration file, for editors; `loadConfig` checks more. */
export function optionsSchema({ streams, sinks, codecs }: Parts): Schema {
  const command = object(commandFields)
  const route = {
    ...properties(routeFields),
    HANDLER: { description: routeFields.HANDLER.doc, anyOf: [{ type: ['string', 'null'] }, command] },
    CODEC: { description: routeFields.CODEC.doc, anyOf: codecSettings(codecs) },
    DEDUPE: { description: routeFields.DEDUPE.doc, ...object(dedupeFields) },
    RETRY: { description: routeFields.RETRY.doc, ...object(retryFields) },
    DEAD_LETTER: { description: routeFields.DEAD_LETTER.doc, type: ['string', 'null'] }
  }
  const beat = object(heartbeatFields)
  const beats = { type: 'array', items: beat }
  const none = { type: 'null' }
  const schedule = object(scheduleFields, { SITE: { anyOf: [{ enum: siteNames }, object(siteFields)] } })
  const inherited = Object.fromEntries(Object.entries(route).filter(([key]) => key in inheritedFields))
  const topics = {
    type: 'object',
    description: 'Topics (exact names, globs, *) and what is done with their alerts.',
    additionalProperties: { $ref: '#/$defs/route' }
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'alertstreams',
    type: 'object',
    properties: {
      ALERT_STREAMS: {
        type: 'array',
        items: component(streams, { TOPIC_HANDLERS: topics }, ['TOPIC_HANDLERS'], {
          ACTIVE: { description: 'False: it is checked, but not run.', ...orVariable({ type: 'boolean' }) },
          ID: { description: 'Tells streams apart; the NAME in kebab case unless given.', type: ['string', 'number'] },
          HEARTBEAT: { description: 'What may be expected of a source that is alive.', oneOf: [beat, beats, none] },
          SCHEDULE: { description: 'When it runs; left out: always.', oneOf: [schedule, none] },
          ...inherited
        })
      },
      SINKS: {
        type: 'object',
        additionalProperties: component(sinks, { KEY: { description: 'The key of what is published.' } }, [], {})
      },
      DATA_SHARING: {
        description: 'Where a TOM shares its data: each entry is a sink of that name.',
        type: ['object', 'null'],
        patternProperties: { '[Hh][Ee][Rr][Mm][Ee][Ss]': { $ref: '#/$defs/hermes' } },
        additionalProperties: { anyOf: [{ $ref: '#/$defs/hermes' }, { $ref: '#/$defs/tom' }] }
      },
      DEFAULTS: { description: 'Settings of all routes.', ...closed(inherited) },
      RUNNER: closed({
        ...properties(runnerFields),
        HTTP: { description: runnerFields.HTTP.doc, ...object(httpFields) }
      })
    },
    additionalProperties: false,
    $defs: {
      route: { description: REFERENCE_OR_ROUTE, anyOf: [{ type: 'string' }, command, closed(route)] },
      hermes: destination(sinks.HermesSink),
      tom: destination(sinks.TomSink),
      variable: { type: 'string', pattern: '\\$\\{' }
    }
  }
}

/** As a TOM has it: what is no option of ours is ignored. */
function destination(Class: Parts['sinks'][string] | undefined): Schema {
  return {
    description: Class?.doc ?? '',
    ...object({ ...sharingFields, ...Class?.fields }),
    additionalProperties: true
  }
}

/** A codec's name, or a map of it and its options. */
function codecSettings(codecs: Parts['codecs']): readonly Schema[] {
  const maps = Object.entries(codecs).map(([name, { doc, fields }]) => ({
    description: doc,
    ...object(fields, { NAME: { const: name } }, ['NAME'])
  }))
  return [{ enum: [...Object.keys(codecs), null] }, ...maps]
}

interface ComponentClass {
  readonly doc: string
  readonly fields: Fields
  readonly tomNames?: readonly string[]
}

/** What a NAME stands for decides what its OPTIONS may be; under other names (paths) they may be anything. */
function component(
  classes: Readonly<Record<string, ComponentClass>>,
  besides: Schema,
  required: readonly string[],
  more: Schema
): Schema {
  const known = Object.keys(classes)
  const dotted = Object.values(classes).flatMap(({ tomNames }) => tomNames ?? [])
  const name = { anyOf: [{ enum: [...known, ...dotted] }, { type: 'string', pattern: '^\\.{0,2}/' }] }
  const variants = Object.entries(classes).flatMap(([name, Class]) => {
    const options = object(Class.fields, besides, required)
    const when = (names: readonly string[], then: Schema) => ({
      if: { properties: { NAME: { enum: names } }, required: ['NAME'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { properties: { OPTIONS: { description: Class.doc, ...then } } }
    })
    const ours = when([name], options)
    return Class.tomNames ? [ours, when(Class.tomNames, { ...options, additionalProperties: true })] : [ours]
  })
  return {
    ...closed({ NAME: name, OPTIONS: map, ...more }),
    required: ['NAME'],
    ...(variants.length > 0 ? { allOf: variants } : {})
  }
}

function object(fields: Fields, besides: Schema = {}, alsoRequired: readonly string[] = []): Schema {
  const plain = Object.entries(fields).filter(
    ([, { required, secret, aliases }]) => required && !secret && aliases.length === 0
  )
  const required = [...plain.map(([name]) => name), ...alsoRequired]
  return { ...closed({ ...properties(fields), ...besides }), ...(required.length > 0 ? { required } : {}) }
}

function closed(properties: Schema): Schema {
  return { type: 'object', properties, additionalProperties: false }
}

function properties(fields: Fields): Schema {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) => {
      const { secret, aliases } = field
      const names = [name, ...aliases]
      const values = names.map((one) => [one, one === name ? property(field) : alias(name, field)] as const)
      const files = names.map((one) => [`${one}_FILE`, file(one)] as const)
      return secret ? [...values, ...files] : values
    })
  )
}

function file(name: string): Schema {
  return { type: 'string', description: `The path of a file that holds ${name}.` }
}

function alias(name: string, { schema }: Field<unknown>): Schema {
  return { description: `The same as ${name}.`, ...orVariable(schema) }
}

function property({ doc, fallback, schema, secret }: Field<unknown>): Schema {
  const shown = typeof fallback === 'object' || fallback === undefined || secret ? {} : { default: fallback }
  return { description: doc, ...shown, ...orVariable(schema) }
}

/** Any value may come from the environment, and null is as good as left out. */
function orVariable(schema: Schema): Schema {
  const types = [schema.type].flat()
  if (types.includes('string')) return { ...schema, type: [...types, 'null'] }
  return { anyOf: [schema, { $ref: '#/$defs/variable' }, { type: 'null' }] }
}
