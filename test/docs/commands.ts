import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './blocks.ts'

const { scripts, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
  version: string
}

/** What npm knows by itself. */
const NPM = ['ci', 'init', 'install', 'pack']
/** Installed with the development dependencies. */
const TOOLS = ['biome', 'vitest', 'tsc']

const helps = new Map<string, string>()

/** Why a command of a document would not work; empty when it would. */
export function commandProblem(command: string): string {
  const [program = '', ...args] = command.split(' ')
  const [first = ''] = args
  if (program === 'npm') return npmProblem(args)
  if (program === 'npx')
    return first === 'alertstreams' ? oursProblem(args.slice(1)) : unless(TOOLS.includes(first), command)
  if (program === 'node') return unless(isFile(first), `${first} is no file`)
  if (program === 'cp') return unless(isFile((args[1] ?? '').replace('node_modules/alertstreams/', '')), command)
  return unless(program.startsWith('.ci/') && isFile(program), `unknown: ${command}`)
}

function npmProblem(args: readonly string[]): string {
  const [first = '', ...rest] = args
  if (first === 'install') return unless(rest.join().endsWith(`/alertstreams-${version}.tgz`), `install ${rest}`)
  if (NPM.includes(first)) return ''
  const script = first === 'run' ? rest.find((word) => !word.startsWith('-')) : first
  return unless(Object.hasOwn(scripts, script ?? ''), `package.json has no script ${script}`)
}

/** The help must name the command and every option; the files must be there, but for the reader's own. */
function oursProblem([name = '', ...args]: readonly string[]): string {
  const help = helps.get(name) ?? helpOf(name)
  helps.set(name, help)
  if (!help.includes(`  alertstreams ${name}`)) return `there is no command ${name}`
  const unknown = args.find((word) => word.startsWith('--') && !help.includes(` ${word} `))
  if (unknown !== undefined) return `${name} has no option ${unknown}`
  return args.find((word) => word.startsWith('config/') && !isFile(word)) ?? ''
}

function helpOf(command: string): string {
  return spawnSync(process.execPath, [join(root, 'bin/alertstreams.js'), command, '--help'], { encoding: 'utf8' })
    .stdout
}

const isFile = (path: string) => existsSync(join(root, path))
const unless = (good: boolean, problem: string) => (good ? '' : problem)
