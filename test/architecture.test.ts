import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { blocksOf, root } from './docs/blocks.ts'

/** Who may import whom, by folder or file of `src`; everyone may import `contract`. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  cli: [
    'app',
    'dead-letters',
    'config',
    'import',
    'observe',
    'pipeline',
    'codecs',
    'archive',
    'google',
    'bigquery',
    'show'
  ],
  app: ['config', 'pipeline', 'nights', 'observe', 'archive', 'dedupe'],
  'dead-letters': ['app', 'archive', 'pipeline'],
  import: ['config', 'kafka'],
  index: ['codecs', 'hermes', 'tom', 'ztf'],
  config: ['streams', 'sinks', 'codecs', 'filter', 'command', 'schedule'],
  streams: ['kafka', 'google', 'bigquery', 'codecs', 'archive'],
  sinks: [
    'kafka',
    'google',
    'bigquery',
    'database',
    'webhook',
    'hermes',
    'tom-api',
    'avro-archive',
    'store',
    'codecs',
    'archive'
  ],
  observe: ['pipeline'],
  generate: ['archive', 'codecs'],
  handlers: ['index'],
  hermes: ['tom', 'http'],
  'tom-api': ['tom', 'codecs', 'http', 'database'],
  http: ['codecs'],
  tom: ['codecs'],
  nights: ['pipeline', 'archive'],
  show: ['tom', 'hermes', 'codecs'],
  pipeline: [],
  schedule: [],
  filter: [],
  codecs: [],
  kafka: [],
  google: [],
  bigquery: ['google', 'codecs'],
  archive: ['codecs', 'google'],
  'avro-archive': ['store', 'google', 'codecs', 'archive'],
  store: ['google'],
  database: ['codecs', 'archive', 'tom'],
  webhook: ['codecs', 'archive'],
  dedupe: [],
  ztf: [],
  command: ['codecs'],
  contract: []
}

/** Packages that one place alone may know. */
const places: Readonly<Record<string, RegExp>> = {
  kafkajs: /^src\/kafka\//,
  'google-auth-library': /^src\/google\//,
  '@google-cloud/pubsub': /^src\/(google\/(client|publisher)|streams\/pitt-google)\.ts$/,
  '@marcbachmann/cel-js': /^src\/filter\//,
  avsc: /^src\/generate\//,
  tar: /^src\/archive\//,
  saxes: /^src\/codecs\/gcn\//,
  'smol-toml': /^src\/kafka\/hop-auth-file\.ts$/,
  yaml: /^src\/(config|import)\//,
  '@lezer/python': /^src\/import\//,
  pg: /^src\/database\/postgres\.ts$/,
  'astronomy-engine': /^src\/schedule\//,
  croner: /^src\/schedule\//,
  'prom-client': /^src\/observe\//,
  '@observablehq/plot': /^src\/show\//,
  '@resvg/resvg-js': /^src\/show\//,
  linkedom: /^src\/show\//,
  pngjs: /^src\/show\//,
  pino: /^src\/observe\//
}

interface Import {
  readonly file: string
  readonly target: string
  readonly kind: 'type' | 'value' | 'call'
}

/** What git has or would take, as paths from the root. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8'
})
  .split('\n')
  .filter((file) => statSync(join(root, file), { throwIfNoEntry: false })?.isFile())
const text = (file: string) => readFileSync(join(root, file), 'utf8')
const sources = files.filter((file) => /^(src|handlers)\/.*\.ts$/.test(file))
const imports = sources.flatMap(importsOf)

function importsOf(file: string): readonly Import[] {
  const statements = text(file).matchAll(/^(?:import|export)\s(type\s)?[^'"`;]*?from '([^']+)'|^import '([^']+)'/gm)
  const calls = text(file).matchAll(/(?<!typeof )\b(?:import|require)\(\s*'([^']+)'\s*\)/g)
  return [
    ...[...statements].map(([, type, from, bare]) => ({
      file,
      target: from ?? bare!,
      kind: type ? ('type' as const) : ('value' as const)
    })),
    ...[...calls].map(([, target]) => ({ file, target: target!, kind: 'call' as const }))
  ]
}

/** `src/kafka/wire/index.ts` is in `kafka`, `src/app.ts` in `app`, `handlers/log.ts` in `handlers`. */
function folderOf(file: string): string {
  return file.split('/')[file.startsWith('src/') ? 1 : 0]!.replace(/\.ts$/, '')
}

function packageOf(target: string): string | undefined {
  if (/^(\.|node:)/.test(target)) return undefined
  return target.split('/', target.startsWith('@') ? 2 : 1).join('/')
}

test('there is something to check', () => {
  expect(sources.length).toBeGreaterThan(100)
  expect(imports.length).toBeGreaterThan(sources.length)
  expect(new Set(sources.map(folderOf))).toEqual(new Set(Object.keys(arrows)))
})

describe('imports', () => {
  test('follow the arrows', () => {
    const inside = imports.filter(({ target }) => target.startsWith('.'))
    const edges = inside.map(({ file, target }) => [file, normalize(join(file, '..', target))] as const)
    const wrong = edges.filter(([from, to]) => {
      const [one, other] = [folderOf(from), folderOf(to)]
      return one !== other && other !== 'contract' && !arrows[one]!.includes(other)
    })
    expect(wrong).toEqual([])
    expect(edges.filter(([from, to]) => from.startsWith('src/contract/') && !to.startsWith('src/contract/'))).toEqual(
      []
    )
    expect(edges.filter(([from, to]) => from.startsWith('handlers/') && to !== 'src/index.ts')).toEqual([])
  })

  test('of handlers are types, but for those that map or judge alerts by functions that we export too', () => {
    const needing = imports.filter(({ file, kind }) => file.startsWith('handlers/') && kind !== 'type')
    expect(needing.filter(({ file }) => !/\/(hermes-|extragalactic-)/.test(file))).toEqual([])
  })

  test('name a package only where it belongs, and one that is declared', () => {
    const { dependencies } = JSON.parse(text('package.json'))
    for (const { file, target } of imports) {
      const name = packageOf(target)
      if (name === undefined) continue
      expect(Object.keys(dependencies), file).toContain(name)
      expect(file, name).toMatch(places[name] ?? /^src\//)
    }
  })

  test('take values of kafkajs from where its parts are replaced', () => {
    const values = imports.filter(({ target, kind }) => packageOf(target) === 'kafkajs' && kind !== 'type')
    expect(values.filter(({ file }) => !file.startsWith('src/kafka/wire/'))).toEqual([])
  })

  test('load the Pub/Sub client, which takes long, only when it connects', () => {
    const early = imports.filter(({ target, kind }) => target === '@google-cloud/pubsub' && kind === 'value')
    expect(early).toEqual([])
  })

  test('are drawn in CONTRIBUTING as they are here', () => {
    const drawn = blocksOf('CONTRIBUTING.md').flatMap(({ text }) => [...text.matchAll(/^([\w-]+) -+> (.*)$/gm)])
    const asText = (names: readonly string[]) => names.toSorted().join(', ')
    for (const [, from, to] of drawn) {
      if (from !== 'all') expect(`${from} > ${asText(to!.split(', '))}`).toBe(`${from} > ${asText(arrows[from!]!)}`)
    }
    const busy = Object.keys(arrows).filter((from) => arrows[from]!.length > 0)
    expect(drawn.map(([, from]) => from).toSorted()).toEqual([...busy, 'all'].toSorted())
  })
})

test('nine files in ten are shorter than 150 lines', () => {
  const long = sources.filter((file) => text(file).split('\n').length > 150)
  expect(long.length, long.join(', ')).toBeLessThanOrEqual(sources.length / 10)
})

test('what is shipped needs nothing from beside the clone', () => {
  const shipped = files.filter((file) => /^(src|handlers|bin|config|scripts)\/.*\.(ts|js|yaml|json)$/.test(file))
  expect(shipped.filter((file) => text(file).includes('../shared'))).toEqual([])
})

test('no file names the host of a package registry or a path of one machine', () => {
  // Put together here, so that this file does not name them either.
  const hosts = ['registry npm', 'registry yarn', 'pypi org', 'proxy golang', 'repo maven', 'repo1 maven']
  const pattern = new RegExp(`${hosts.join('|').replaceAll(' ', '\\.')}|(?<![\\w.~}])/(root|work)/\\w`)
  const readable = files.filter((file) => !/\.avro$/.test(file))
  const naming = readable.flatMap((file) =>
    (pattern.exec(text(file)) ?? []).slice(0, 1).map((found) => `${file}: ${found}`)
  )
  expect(naming).toEqual([])
})
