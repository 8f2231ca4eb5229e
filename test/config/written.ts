import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type LoadSettings, loadConfig } from '../../src/config/index.ts'
import type { Config, StreamConfig } from '../../src/contract/config.ts'
import type { Route } from '../../src/contract/route.ts'
import { parts } from './parts.ts'

/** Writes files into a new folder and gives that folder. */
export async function written(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'alertstreams-config-'))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}

/** Loads the YAML files among those written, in the order given. */
export async function load(files: Readonly<Record<string, string>> | string, env: LoadSettings['env'] = {}) {
  const given = typeof files === 'string' ? { 'a.yaml': files } : files
  const folder = await written({ 'pass.ts': 'export default (alert) => alert\n', ...given })
  const yaml = Object.keys(given).filter((name) => name.endsWith('.yaml'))
  const loaded = await loadConfig(
    yaml.map((name) => join(folder, name)),
    { env, parts }
  )
  return { ...loaded, folder }
}

export async function goodConfig(files: Parameters<typeof load>[0], env: LoadSettings['env'] = {}): Promise<Config> {
  const { config, problems } = await load(files, env)
  if (config === undefined) throw new Error(problems)
  return config
}

export async function problemsOf(files: Parameters<typeof load>[0], env: LoadSettings['env'] = {}): Promise<string> {
  const { problems, folder } = await load(files, env)
  if (problems === undefined) throw new Error('the configuration was taken')
  return problems.replaceAll(`${folder}/`, '')
}

export function onlyStream(config: Config): StreamConfig {
  if (config.streams.length !== 1) throw new Error(`${config.streams.length} streams`)
  return config.streams[0]!
}

export function routeOf(config: Config, key: string): Route {
  const route = config.streams.flatMap(({ routes }) => routes).find((one) => one.key === key)
  if (route === undefined) throw new Error(`no route ${key}`)
  return route
}
