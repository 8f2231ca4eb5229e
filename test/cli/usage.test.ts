import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../docs/blocks.ts'
import { alertstreams, Folder } from './program.ts'

const commands = [
  ...alertstreams(['--help'])
    .out.toString()
    .matchAll(/^ {2}alertstreams (\w+)/gm)
].map(([, name]) => name!)

test('the list of commands has all of them', () => {
  const files = readdirSync(join(root, 'src/cli'))
  for (const name of commands) expect(files).toContain(`${name}.ts`)
  const [, table = ''] =
    /const commands[^{]*\{([^}]*)\}/.exec(readFileSync(join(root, 'src/cli/main.ts'), 'utf8')) ?? []
  const known = [...table.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name)
  expect(new Set([...commands, 'readstreams'])).toEqual(new Set(known))
})

test.for(commands)('%s --help names every option that it reads', (name) => {
  const { code, out } = alertstreams([name, '--help'])
  expect(code).toBe(0)
  expect(out.toString()).toMatch(new RegExp(`^alertstreams ${name}: .*\n`))
  expect(out.toString()).toContain('\nExample: alertstreams ')
  const source = readFileSync(join(root, `src/cli/${name}.ts`), 'utf8')
  for (const [, option] of source.matchAll(/['{,\s]([a-z-]+)'?: \{ type: '/g))
    if (!['help', 'member'].includes(option!)) expect(out.toString()).toContain(` --${option}`)
})

test('a command line that makes no sense is answered in two lines, and with exit code 2', () => {
  const answers: readonly [readonly string[], string][] = [
    [['chek'], 'there is no command chek; did you mean check?'],
    [['night'], 'there is no command night; alertstreams --help lists all'],
    [['run', '--acount', 'x'], 'alertstreams run: there is no option --acount\nalertstreams run --help'],
    [['run', '--log-level', 'loud'], '--log-level must be one of debug, info, warn, error'],
    [['run', '--account', 'no/such/folder/a.json'], 'no/such/folder cannot be written'],
    [['run', '--account', '.'], '--account . is a folder'],
    [['show', 'ZTF1'], 'no object has such a name']
  ]
  using folder = new Folder()
  for (const [args, answer] of answers) {
    const { code, errors } = alertstreams(args, '', folder.path)
    expect(errors).toContain(answer)
    expect(errors.split('\n').length).toBeLessThan(4)
    expect(code, errors).toBe(args[0] === 'show' ? 1 : 2)
  }
})

test('check tells warnings from problems', () => {
  const { errors, code } = alertstreams(['check', join(root, 'config/example.yaml')])
  expect(code, errors).toBe(0)
  for (const line of errors.split('\n').filter((line) => line.includes('is not set')))
    expect(line).toMatch(/^warning: /)
})

test('a script of Python as a handler is told how it is run', () => {
  using folder = new Folder()
  writeFileSync(folder.file('fit.py'), 'def handle(alert): ...')
  const route =
    '{ ALERT_STREAMS: [{ NAME: ArchiveAlertStream, OPTIONS: { PATH: x, TOPIC_HANDLERS: { t: ./fit.py } } }] }'
  writeFileSync(folder.file('alertstreams.yaml'), route)
  expect(alertstreams(['check'], '', folder.path).errors).toContain(
    '{ COMMAND: [python3, -m, alertstreams, ./fit.py] }'
  )
})
