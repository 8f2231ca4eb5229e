import { expect, test } from 'vitest'
import { TomSink } from '../../src/sinks/tom.ts'
import { readOptions } from '../kafka/options.ts'

const URL = 'https://tom.example.org/'
const USER = { URL, USERNAME: 'observer', PASSWORD: 'secret' }

function check(given: Readonly<Record<string, unknown>>): void {
  TomSink.writes(readOptions(TomSink.fields, given))
}

test.each([
  ['a user', USER],
  ['a token', { URL, TOKEN: 'secret' }],
  ['names only, and a rate', { ...USER, RADIUS: 0, RATE: 0.5 }],
  ['http on this machine', { ...USER, URL: 'http://127.0.0.1:8000/' }]
])('taken: %s', (_, given) => {
  expect(() => check(given)).not.toThrow()
})

test.each([
  ['nobody', { URL }, /USERNAME is missing/],
  ['no password', { URL, USERNAME: 'observer' }, /there is no PASSWORD/],
  ['two ways', { ...USER, TOKEN: 'secret' }, /TOKEN and USERNAME/],
  ['no rate at all', { ...USER, RATE: 0 }, /RATE is 0/],
  ['degrees for arcseconds', { ...USER, RADIUS: 3601 }, /RADIUS is 3601/],
  ['http elsewhere', { ...USER, URL: 'http://tom.example.org/' }, /could be read on the way/],
  ['a user in the URL', { ...USER, URL: 'https://me:secret@tom.example.org/' }, /without a user name/]
])('refused: %s', (_, given, problem) => {
  expect(() => check(given)).toThrow(problem)
})

test.each([
  ['https://tom.example.org', 'https://tom.example.org/'],
  ['https://example.org/tom/api/', 'https://example.org/tom/'],
  ['https://example.org/tom/api', 'https://example.org/tom/']
])('%s is the address %s', (given, expected) => {
  expect(TomSink.fields.URL.read(given)).toEqual({ value: expected })
})
