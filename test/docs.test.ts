import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { exitCodes } from '../src/cli/exit-codes.ts'
import { loadConfig } from '../src/config/index.ts'
import { codes } from '../src/contract/errors.ts'
import { blocksOf, root, tableOf } from './docs/blocks.ts'
import { commandProblem } from './docs/commands.ts'
import { completed, variablesIn } from './docs/fragments.ts'
import { Workshop } from './docs/workshop.ts'
import { kinds } from './faults/kinds/index.ts'

const pages = readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md'))
const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...pages.map((page) => `docs/${page}`)]
const blocks = documents.flatMap(blocksOf)
const inLanguage = (...languages: readonly string[]) => blocks.filter(({ language }) => languages.includes(language))
const functions = inLanguage('ts').filter(({ text }) => /\bHandler\b/.test(text))
const programs = inLanguage('python', 'perl')
const handlers = [...functions, ...programs]
/** What a reader has in files of that name. */
const named = inLanguage('ts', 'python', 'perl')

const workshop = new Workshop()
beforeAll(() => {
  for (const { file, text } of named) workshop.write(file!, text)
})
afterAll(() => workshop.remove())

test('blocks are in a language that is checked here, and programs name their file', () => {
  for (const { language, place } of blocks)
    expect(['yaml', 'ts', 'python', 'perl', 'sh', ''], place).toContain(language)
  for (const { file, place } of named) expect(file, place).toMatch(/\.(ts|py|pl)$/)
  for (const some of [functions, programs]) expect(some.length).toBeGreaterThan(1)
})

describe('YAML', () => {
  test.for(inLanguage('yaml'))('$place loads', async ({ text, place }) => {
    const folder = place.replaceAll(/\W/g, '-')
    // The handlers that a block names lie beside it.
    for (const { file, text } of named) workshop.write(`${folder}/${file}`, text)
    for (const [, file] of text.matchAll(/_FILE: (\S+)/g)) workshop.write(`${folder}/${file}`, 'secret')
    const files = Object.entries(completed(text)).map(([name, text]) => workshop.write(`${folder}/${name}`, text))
    const loaded = await loadConfig(files, { env: variablesIn(text) })
    expect(loaded.problems).toBeUndefined()
    expect(loaded.config?.warnings).toEqual([])
  })

  test('the files in config load with nothing set in the environment but the project of the broker', async () => {
    for (const file of readdirSync(join(root, 'config')).filter((name) => name.endsWith('.yaml'))) {
      const env = file === 'broker.yaml' ? { GOOGLE_CLOUD_PROJECT: 'my-project' } : {}
      for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
      const { problems } = await loadConfig([join(root, 'config', file)], { env })
      vi.unstubAllEnvs()
      expect(problems, file).toBeUndefined()
    }
  })
})

test('TypeScript type-checks', { timeout: 60_000 }, async () => {
  expect(await workshop.typeProblems()).toBe('')
})

describe('a handler', () => {
  const commands: Readonly<Record<string, readonly string[]>> = {
    python: ['python3', '-m', 'alertstreams'],
    perl: ['perl']
  }

  test.for(handlers)('$place runs, and every synthetic alert has its way', ({ file, language }) => {
    const PATH = join(root, 'config/demo/ztf-loop')
    const command = commands[language]
    const HANDLER = command ? { COMMAND: [...command, file], STRICT: language !== 'python' } : `./${file}`
    const routes = { 'ztf-loop': { HANDLER, OPTIONS: { limit: 19 }, SINKS: 'out', RETRY: { ATTEMPTS: 1 } } }
    const config = {
      ALERT_STREAMS: [{ NAME: 'ArchiveAlertStream', OPTIONS: { PATH, TOPIC_HANDLERS: routes }, DEAD_LETTER: 'dead' }],
      SINKS: Object.fromEntries(['out', 'dead'].map((name) => [name, { NAME: 'FileSink', OPTIONS: { PATH: name } }]))
    }
    workshop.write('run.yaml', JSON.stringify(config))
    const bin = join(root, 'bin/alertstreams.js')
    const ended = spawnSync(process.execPath, [bin, 'run', 'run.yaml', '--account', 'account.json'], {
      cwd: workshop.folder,
      encoding: 'utf8'
    })
    expect(ended.status, ended.stderr).toBe(0)
    const account = JSON.parse(readFileSync(join(workshop.folder, 'account.json'), 'utf8'))
    // One packet of the demo is broken.
    const row = account.streams['archive-alert-stream'].topics['ztf-loop']
    expect(row).toMatchObject({ received: 100, deadLettered: 1, skipped: 0 })
    expect(row.delivered).toBeGreaterThan(0)
    expect(account.balanced).toBe(true)
  })
})

test.for(inLanguage('sh'))('the commands of $place exist', async ({ text }) => {
  const lines = text.split('\n').filter((line) => line !== '')
  for (const line of lines) for (const command of line.split(' && ')) expect(await commandProblem(command)).toBe('')
})

test('the scripts of package.json name files that exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  for (const [name, script] of Object.entries(scripts)) {
    const named = [...script.matchAll(/\bnode (?:--\S+ )*([\w./-]+\.(?:ts|js))|(config\/[\w.-]+)/g)]
    for (const [, program, config] of named) expect(existsSync(join(root, program ?? config!)), name).toBe(true)
  }
})

test('links within the project lead somewhere', () => {
  for (const document of documents) {
    const text = readFileSync(join(root, document), 'utf8')
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
      expect(existsSync(join(root, dirname(document), target!)), `${document}: ${target}`).toBe(true)
    }
  }
})

test('the table of error codes is that of the code', () => {
  const inCode = Object.entries(codes).map(([code, { action, meaning }]) => [code, action, meaning])
  expect(tableOf('README.md', 'Code')).toEqual(inCode)
})

test('the exit codes are those of the code', () => {
  const documented = tableOf('README.md', 'Exit code').map(([code]) => Number(code))
  expect(documented).toEqual(Object.values(exitCodes).toSorted())
})

test('the guarantees name files, tests and faults that exist', () => {
  const text = readFileSync(join(root, 'docs/guarantees.md'), 'utf8')
  for (const [, path] of text.matchAll(/`((?:src|test)\/[^`]+)`/g))
    expect(existsSync(join(root, path!)), path).toBe(true)
  const named = [...text.matchAll(/`(test\/[^`]+)`: ((?:"[^"]+"(?:, )?)+)/g)]
  expect(named.length).toBeGreaterThan(30)
  for (const [, file, titles] of named) {
    const source = readFileSync(join(root, file!), 'utf8')
    // "…" stands for words that are left out.
    for (const [, title] of titles!.matchAll(/"([^"]+)"/g))
      for (const part of title!.split('…')) expect(source, `${file}: ${title}`).toContain(part)
  }
  const [, happens] = /## What happens when(.*?)\n## /s.exec(text)!
  const faults = new Set([...happens!.matchAll(/`([a-z-]+)`/g)].map(([, kind]) => kind!))
  expect([...faults].toSorted()).toEqual(kinds.map(({ name }) => name).toSorted())
})

test('the delivery guarantee promises what it can hold', () => {
  for (const document of documents) {
    expect(readFileSync(join(root, document), 'utf8').replace(/exactly-once subscriptions/g, '')).not.toMatch(
      /exactly[ -]once/i
    )
  }
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toMatch(/at least once/)
})
