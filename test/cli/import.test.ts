import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { importFile } from '../../src/cli/import.ts'
import { alertstreams, Folder } from './program.ts'

const settings = join(import.meta.dirname, '../import/settings')

test('YAML goes to standard output or to a file, what is to be done to standard error', () => {
  using folder = new Folder()
  const printed = alertstreams(['import', join(settings, 'placeholder.py')])
  expect(printed.code).toBe(0)
  expect(printed.lines[0]).toBe('# From placeholder.py, by alertstreams import. Check it: alertstreams check')
  expect(printed.errors).toMatch(/^placeholder\.py:23: observatory\.handlers\.pass_on .*\n {2}write it as/)
  expect(printed.errors).toMatch(/Set in the environment: SCIMMA_CREDENTIAL_USERNAME, SCIMMA_CREDENTIAL_PASSWORD/)
  expect(printed.errors).toContain('./handlers/pass-on.ts for observatory.handlers.pass_on')

  const out = folder.file('alertstreams.yaml')
  const written = alertstreams(['import', join(settings, 'placeholder.py'), '--out', out])
  expect([written.code, written.lines]).toEqual([0, []])
  expect(readFileSync(out, 'utf8')).toBe(printed.out.toString())
})

test('a file that is there is not written over', () => {
  using folder = new Folder()
  writeFileSync(folder.file('mine.yaml'), 'mine')
  const { code, errors } = alertstreams(['import', join(settings, 'merged.py'), '--out', folder.file('mine.yaml')])
  expect([code, errors]).toEqual([2, expect.stringMatching(/mine\.yaml is there already/)])
  expect(readFileSync(folder.file('mine.yaml'), 'utf8')).toBe('mine')
})

test('the exit code is 1 where there is nothing to carry over', () => {
  using folder = new Folder()
  const reasons = {
    'DEBUG = True\nALERT_STREAMS = []\n': /^there is nothing to carry over: /,
    'ALERT_STREAMS = streams()\n': /^settings\.py:1: ALERT_STREAMS is left out: streams\(\) would have to be called\n/
  }
  for (const [text, reason] of Object.entries(reasons)) {
    writeFileSync(folder.file('settings.py'), text)
    const { code, lines, errors } = alertstreams(['import', 'settings.py', '--out', 'x.yaml'], '', folder.path)
    expect([code, lines, errors]).toEqual([1, [], expect.stringMatching(reason)])
    expect(existsSync(folder.file('x.yaml'))).toBe(false)
  }
})

test('the exit code is 2 where the file cannot be read or is no Python', async () => {
  using folder = new Folder()
  writeFileSync(folder.file('page.py'), '<html>\n<body>')
  writeFileSync(folder.file('cut.py'), "x = 1\nALERT_STREAMS = [{'PASSWORD': 'hunter2',\n")
  const { code, lines, errors } = alertstreams(['import', folder.file('cut.py')])
  expect([code, lines]).toEqual([2, []])
  expect(errors).toMatch(/cut\.py:2: .*no Python/)
  expect(errors).not.toContain('hunter2')
  await expect(importFile([folder.file('none.py')])).rejects.toThrow(/the settings file cannot be read: .*none\.py/)
  await expect(importFile([folder.path])).rejects.toThrow(/cannot be read: .*EISDIR/)
  await expect(importFile([folder.file('page.py')])).rejects.toThrow(/page\.py:1: .*no Python/)
})

test('a command line that makes no sense is refused', async () => {
  await expect(importFile([])).rejects.toThrow(/name one settings file/)
  await expect(importFile(['a.py', 'b.py'])).rejects.toThrow(/name one settings file/)
  await expect(importFile(['a.py', '--what'])).rejects.toThrow(/--what/)
})

test('--help says it all', () => {
  const { code, out } = alertstreams(['import', '--help'])
  expect([code, out.toString()]).toEqual([0, expect.stringMatching(/--out FILE[\s\S]*Example: alertstreams import/)])
})
