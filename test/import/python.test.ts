import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { Module } from '../../src/import/module.ts'
import { Source } from '../../src/import/syntax.ts'
import type { Value } from '../../src/import/value.ts'

const env = { USER_NAME: 'ada', EMPTY: '', TOPICS: 'a,b' }

/** Statements with their results in the names that are written in capitals. */
const snippets: Readonly<Record<string, string>> = {
  'strings of all kinds': String.raw`
A = 'it''s' "x" '\'' "\"" 'a\tb\n\x41\101\u00e9\U0001F600\q\\'
B = r'\d+\n' R"\x41" u'ü'
C = '''three
lines \
joined''' """ and "quotes" """
D = 'a' \
    'b'  # a comment
E = ('in'
     # between
     ' brackets')
F = '{not} ${'$'}{a variable}'
G = '\0\7\18'
H = ''`,
  numbers: `
A = [0, 1_000, 0x1F, 0o17, 0b101, -3, +4, 1.5, 2e3, .5, 9007199254740991]
B = [True, False, None, not True, not '']
C = 123456789012345678`,
  'lists, tuples and dicts': `
A = [1, 2, ]
B = (1,)
C = (1)
D = 1, 2
E = ()
F = {'a': {'b': [{'c': ()}]}, "d": None, 1: 'one',}
G = [*A, 3, *B]
H = {**F, 'a': 1, **{'z': 2}}
I = F | {'d': 4}
J = dict(H, b=1)
K = dict(F, e=5)
L = A + [4] + list(B)
M = {'x': 1, 'x': 2}
N = dict()
O = list((1, 2))`,
  'names, parts and changes in place': `
A = B = {'x': [1]}
C, D = 'c', ['d']
A['y'] = 2
B['x'].append(3)
B['x'] += [4, 5]
D.extend(('e', 'f'))
E = D
E += ['g']
F = {**A}
F['x'] = 'other'
F |= {'w': 1}
A.update({'v': {'u': 1}})
A['v']['u'] = 2
G = A['x'][0]
H = A['x'][-1]
I = A.get('nothing', 'else')
J = A.get('y')
K = A.copy()
K['only'] = 'here'
L: list[int] = [1]
M: str
N = 'a'; O = N + 'b'
D[0] = 'first'`,
  'the environment': `
import os
import os as system
from os import environ, getenv as get
A = os.getenv('USER_NAME')
B = os.getenv('MISSING', 'default')
C = system.environ['USER_NAME']
D = environ.get('MISSING', 'x') if False else os.environ.get('MISSING', 'y')
E = get('MISSING', 'd') + '-' + get('USER_NAME')
F = os.getenv('MISSING') or 'other'
G = str(os.getenv('USER_NAME', 'x'))
H = {os.getenv('USER_NAME'): 1}
I = [os.getenv('MISSING', str(5))]`,
  'formatted text': `
import os
NAME = os.getenv('USER_NAME')
A = f'{NAME}-tom'
B = f"{{{NAME}}}{{}} {1} {True} {None!s}"
C = rf'\\d{NAME}' 'x' f'{NAME}{NAME}'
D = '%s-%s' % (NAME, 3)
E = '%d%%' % 7
F = '%(a)s.%(b)s' % {'a': NAME, 'b': 'x'}
G = '{}-{}'.format(NAME, 'z')
H = '{1}{0}{{}}{n}'.format(NAME, 'q', n=1)
I = f'''{
    NAME
}'''
J = f'{os.getenv("MISSING", "d")}'
K = f"{'nested'}"`,
  'conditions that can be told': `
DEBUG = True
LEVEL = 'high'
if DEBUG:
    A = 1
else:
    A = 2
if not DEBUG:
    B = 1
elif LEVEL == 'high':
    B = 2
else:
    B = 3
C = 'yes' if DEBUG else 'no'
D = '' or 'right'
E = 'left' and 'right'
F = 'x' if LEVEL != 'high' else ['y']
if None is None: G = 1`
}

const python = process.env.PYTHON ?? 'python3'
const hasPython = spawnSync(python, ['--version']).status === 0
const title = `the same in Python${hasPython ? '' : ' (skipped: there is none)'} and here: %s`

test.skipIf(!hasPython).for(Object.entries(snippets))(title, ([, text]) => {
  const inPython = valuesInPython(text)
  const { names } = new Module(new Source(text), [])
  expect(Object.keys(inPython).length).toBeGreaterThan(2)
  const ours = Object.keys(inPython).map((name) => [name, plain(names.get(name)!)])
  expect(Object.fromEntries(ours)).toEqual(inPython)
})

test('what would have to be run is not known, with the reason and the line', () => {
  const unknowns = `
import os, socket
from .secrets import TOKEN, GROUP as G
from base import *
def make(): return 1
A = make()
B = TOKEN
C = socket.gethostname()
D = [x for x in (1, 2)]
E = NOWHERE
F = os.getenv('X') + 1
G2 = f'{G}-x'
H = f'{1:>3}'
I = os.getenv('TOPICS').split(',')
J = 'a' if os.getenv('X') else 'b'
K = os.getenv('X', make())
L = '\\N{GREEK SMALL LETTER ALPHA}'
M = 'a' * 3
N = lambda: 1
O = 1j
P = os.getenv('two words')
Q = {}['x']
R = '%5s' % 'x'
`
  const { names } = new Module(new Source(unknowns), [])
  const reasons = 'A B C D E F G2 H I J K L M N O P Q R'.split(' ').map((name) => {
    const value = names.get(name)!
    expect(['unknown', 'reference'], name).toContain(value.kind)
    return `${name}:${value.line}: ${value.kind === 'unknown' ? value.reason : value.kind === 'reference' ? value.what : ''}`
  })
  expect(reasons).toMatchInlineSnapshot(`
    [
      "A:6: make() would have to be called",
      "B:7: TOKEN is imported from .secrets",
      "C:8: socket.gethostname() would have to be called",
      "D:9: a comprehension would have to be run",
      "E:10: the name NOWHERE is not set in this file; it may come from base",
      "F:11: + would have to be computed",
      "G2:12: a part of the text is not known: G is imported from .secrets",
      "H:13: a part of the text is formatted",
      "I:14: .split() would have to be called",
      "J:15: it depends on a condition",
      "K:16: the default of X is not known: make() would have to be called",
      "L:17: it has a character by its Unicode name",
      "M:18: * would have to be computed",
      "N:19: it is a function",
      "O:20: it is a complex number",
      "P:21: the name of the environment variable is none",
      "Q:22: a part of something that is not known is taken",
      "R:23: % would have to be computed",
    ]
  `)
})

test('what a condition, a loop or a call may have changed is in doubt, and everything else is not', () => {
  const text = `
import os
A = 'a'
B = [1]
C = {'x': [1]}
D = {'y': 1}
KEPT = [1]
UNTOUCHED = [1]
if os.getenv('X'):
    A = 'b'
    B.append(2)
    KEPT = [2]
for part in C: part['z'] = 1
fix(D)
try:
    NEW = 1
except ValueError:
    pass
`
  const { names } = new Module(new Source(text), ['KEPT'])
  const doubts = (name: string) => {
    const value = names.get(name)
    return value?.kind === 'list' || value?.kind === 'dict' ? value.doubts : value?.kind
  }
  expect(['A', 'B', 'C', 'D', 'KEPT', 'UNTOUCHED', 'NEW'].map(doubts)).toEqual([
    'unknown',
    [11],
    [13],
    [14],
    [12],
    [],
    'unknown'
  ])
})

test('nesting without end ends', () => {
  const deep = new Module(new Source(`A = ${'['.repeat(3000)}${']'.repeat(3000)}\nB = 1`), [])
  expect(deep.names.get('B')).toMatchObject({ value: 1 })
})

/** As Python has it, with the environment of this test. */
function valuesInPython(text: string): Record<string, unknown> {
  const program =
    'import sys, json\nnames = {}\nexec(sys.stdin.read(), names)\n' +
    'json.dump({k: v for k, v in names.items() if k.isupper()}, sys.stdout)'
  const ended = spawnSync(python, ['-W', 'ignore', '-c', program], {
    input: text,
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8'
  })
  expect(ended.status, ended.stderr).toBe(0)
  return JSON.parse(ended.stdout)
}

function plain(value: Value): unknown {
  if (value.kind === 'plain') return typeof value.value === 'bigint' ? Number(value.value) : value.value
  if (value.kind === 'list') return value.items.map(plain)
  if (value.kind === 'dict')
    return Object.fromEntries([...value.entries.values()].map((entry) => [plain(entry.key), plain(entry.value)]))
  if (value.kind !== 'text') return value
  const variables: Readonly<Record<string, string>> = env
  return value.parts
    .map((part) => (typeof part === 'string' ? part : (variables[part.name] ?? part.fallback ?? 'no value')))
    .join('')
}
