// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the YAML are written so
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { importSettings } from '../../src/import/index.ts'
import { overlap } from '../../src/import/order.ts'

const folder = join(import.meta.dirname, 'settings')

function imported(text: string) {
  const { yaml, notes, ...rest } = importSettings(text, 'settings.py')
  return { ...rest, yaml, tree: yaml && parse(yaml), notes: notes.map((note) => `${note.line}: ${note.text}`) }
}

function importedFile(name: string) {
  return imported(readFileSync(join(folder, name), 'utf8'))
}

/** A Hopskotch stream with these further lines in its OPTIONS, and what becomes of them. */
function options(lines: string, before = '') {
  const text = `import os\n${before}
ALERT_STREAMS = [{
  'NAME': 'tom_alertstreams.alertstreams.hopskotch.HopskotchAlertStream',
  'OPTIONS': {
${lines}
  }}]`
  const { tree, ...rest } = imported(text)
  return { ...rest, options: tree.ALERT_STREAMS[0].OPTIONS }
}

/** What each of the files has in common. */
const hopskotch = {
  GROUP_ID: '${SCIMMA_AUTH_USERNAME}-observatory',
  USERNAME: '${SCIMMA_AUTH_USERNAME}',
  PASSWORD: '${SCIMMA_AUTH_PASSWORD}',
  START_POSITION: 'EARLIEST'
}
const URL = '${HOPSKOTCH_URL:-kafka://kafka.scimma.org/}'

describe('settings files', () => {
  test('what the README of tom-alertstreams configures', () => {
    const { tree, notes, variables, handlers } = importedFile('tom-alertstreams.py')
    expect(tree).toEqual({
      ALERT_STREAMS: [
        {
          ACTIVE: true,
          NAME: 'HopskotchAlertStream',
          OPTIONS: {
            URL,
            ...hopskotch,
            TOPIC_HANDLERS: { 'sys.heartbeat': 'heartbeat', 'tomtoolkit.test': 'log', 'hermes.*': 'log', '*': 'log' }
          }
        },
        {
          ACTIVE: true,
          NAME: 'GcnAlertStream',
          OPTIONS: {
            CLIENT_ID: '${GCN_CLASSIC_CLIENT_ID}',
            CLIENT_SECRET: '${GCN_CLASSIC_CLIENT_SECRET}',
            DOMAIN: 'gcn.nasa.gov',
            GROUP_ID: 'observatory',
            START_POSITION: 'EARLIEST',
            TOPIC_HANDLERS: { 'gcn.classic.text.LVC_INITIAL': 'log', 'gcn.circulars': 'log' }
          }
        },
        {
          ACTIVE: false,
          NAME: 'AntaresAlertStream',
          OPTIONS: {
            API_KEY: '${ANTARES_API_KEY}',
            API_SECRET: '${ANTARES_API_SECRET}',
            GROUP_ID: 'observatory',
            TOPIC_HANDLERS: { extragalactic_staging: './handlers/locus.ts' }
          }
        }
      ]
    })
    expect(notes).toEqual([
      '33: CONFIG: enable.auto.commit is left out: it has no equivalent here',
      '49: ENABLE_AUTO_COMMIT is left out: it is no option here',
      '50: observatory.handlers.locus has to be written again'
    ])
    expect(variables).toHaveLength(6)
    expect(handlers).toEqual([['./handlers/locus.ts', 'observatory.handlers.locus']])
  })

  test('defaults that ask for a value are none, others stay', () => {
    const { tree, variables } = importedFile('placeholder.py')
    expect(tree.ALERT_STREAMS[0].OPTIONS).toMatchObject({
      URL,
      USERNAME: '${SCIMMA_CREDENTIAL_USERNAME}',
      PASSWORD: '${SCIMMA_CREDENTIAL_PASSWORD}'
    })
    expect(tree.DATA_SHARING.hermes).toEqual({
      DISPLAY_NAME: '${HERMES_DISPLAY_NAME:-Hermes}',
      BASE_URL: '${HERMES_BASE_URL:-https://hermes.lco.global/}',
      CREDENTIAL_USERNAME: '${SCIMMA_CREDENTIAL_USERNAME}',
      CREDENTIAL_PASSWORD: '${SCIMMA_CREDENTIAL_PASSWORD}',
      USER_TOPICS: ['hermes.test', 'tomtoolkit.test']
    })
    expect(variables).toEqual(['SCIMMA_CREDENTIAL_USERNAME', 'SCIMMA_CREDENTIAL_PASSWORD'])
  })

  test('f-strings, of constants and variables; a constant that is a secret becomes a variable', () => {
    const { tree, yaml, notes } = importedFile('f-string.py')
    expect(tree.ALERT_STREAMS[0]).toMatchObject({
      NAME: 'HopskotchAlertStream',
      OPTIONS: {
        ...hopskotch,
        URL: 'kafka://${HOPSKOTCH_HOST:-kafka.scimma.org}/',
        PASSWORD: '${PASSWORD}',
        TOPIC_HANDLERS: { 'observatory.alerts': './handlers/pass-on.ts' }
      }
    })
    expect(notes[0]).toBe('15: the value of PASSWORD is a secret and is not copied')
    expect(yaml).not.toContain('correct')
  })

  test('merged dicts: what comes later wins', () => {
    const [first, second] = importedFile('merged.py').tree.ALERT_STREAMS
    const TOPIC_HANDLERS = { 'sys.heartbeat': 'heartbeat', 'merged.alerts': './handlers/pass-on.ts' }
    expect(first.OPTIONS).toEqual({ URL, ...hopskotch, TOPIC_HANDLERS })
    expect(second).toMatchObject({ ACTIVE: false, ID: 'hopskotch-2', OPTIONS: { START_POSITION: 'LATEST' } })
  })

  test('tuples are lists', () => {
    const { tree, yaml } = importedFile('tuples.py')
    expect(tree.ALERT_STREAMS).toHaveLength(1)
    expect(tree.ALERT_STREAMS[0].OPTIONS).toMatchObject({ ...hopskotch, TOPIC_HANDLERS: { 'tuples.alerts': /./ } })
    expect(tree.DATA_SHARING.hermes).toEqual({
      USER_TOPICS: ['tuples.alerts', 'b'],
      HERMES_API_KEY: '${HERMES_API_KEY}'
    })
    expect(tree.DATA_SHARING.mytom).toMatchObject({ USERNAME: 'observer', PASSWORD: '${MYTOM_PASSWORD}' })
    expect(yaml).not.toMatch(/not-for-others|nor-this/)
  })

  test('what comes from other files is a variable or left out, and is said at its place', () => {
    const { yaml } = importedFile('imported.py')
    expect(yaml).toMatchInlineSnapshot(`
      "# From settings.py, by alertstreams import. Check it: alertstreams check

      ALERT_STREAMS:
        - ACTIVE: true
          NAME: HopskotchAlertStream
          OPTIONS:
            URL: \${HOPSKOTCH_URL} # URL is not known here: the name HOPSKOTCH_URL is not set in this file; it may come from .base (settings.py:12)
            GROUP_ID: \${HOPSKOTCH_GROUP_ID} # GROUP_ID is not known here: GROUP_ID is imported from .secrets (settings.py:13)
            USERNAME: alice
            PASSWORD: \${HOPSKOTCH_PASSWORD} # PASSWORD is not known here: PASSWORD is imported from .secrets (settings.py:15)
            START_POSITION: EARLIEST
            TOPIC_HANDLERS:
              imported.alerts: ./handlers/pass-on.ts # observatory.handlers.pass_on (settings.py:19)
              # a part of TOPIC_HANDLERS is left out: what is merged into it is no dict here: TOPICS is imported from .topics (settings.py:20)
            # CLIENT_HOST is left out: it is no option here (settings.py:17)
        - ACTIVE: false # it was active
          NAME: observatory.streams.FileStream # there is no stream observatory.streams.FileStream here (settings.py:26)
          OPTIONS:
            FOLDER: /data
            TOPIC_HANDLERS:
              "*": ./handlers/pass-on.ts # observatory.handlers.pass_on (settings.py:27)
      "
    `)
  })
})

test('secrets never come out', () => {
  const secret = 'hunter2-Xy7'
  const { yaml, ...rest } = imported(`
import os
CREDENTIALS = {'pw': '${secret}a'}
MY_TOKEN = '${secret}b'
ALERT_STREAMS = [{
  'NAME': 'tom_alertstreams.alertstreams.hopskotch.HopskotchAlertStream',
  'OPTIONS': {
    'PASSWORD': '${secret}c',
    'URL': 'kafka://user:${secret}d@host/',
    'GROUP_ID': f'x-{MY_TOKEN}',
    'USERNAME': os.getenv('NAME', 'https://u:${secret}e@h/'),
    'NO_SUCH_SECRET': '${secret}f',
    'TOPIC_HANDLERS': {'a': 'b.c'},
  }},
  {'NAME': 'a.b.Stream', 'OPTIONS': {
    'PASSWORD': '${secret}g' + str(1), 'API_KEYS': ['${secret}h', ('${secret}i',)],
    'CREDENTIALS': {'name': '${secret}j'}, 'TOKEN': decrypt('${secret}k'), 'SECRET': os.getenv('S', '${secret}l'),
    'URL': f'https://me:${secret}m@{MY_TOKEN}/', 'PASSWORD_2': b'${secret}n', 'OTHER_SECRET': 123456,
  }}]
DATA_SHARING = {'x': {'API_KEY': '${secret}o', 'nested': CREDENTIALS['pw'] and {'PASSWORD': CREDENTIALS['pw']}}}
`)
  expect(`${yaml}${JSON.stringify(rest)}`).not.toMatch(/hunter2|123456/)
  const [first] = parse(yaml!).ALERT_STREAMS
  expect(first.OPTIONS).toMatchObject({ PASSWORD: '${HOPSKOTCH_PASSWORD}', URL: 'kafka://user@host/' })
  expect(parse(yaml!).DATA_SHARING.x.nested.PASSWORD).toBe('${NESTED_PASSWORD}')
})

test('different secrets of one name have different variables', () => {
  const stream = (password: string) => `{'NAME': 'a.b.MyStream', 'OPTIONS': {'PASSWORD': '${password}'}}`
  const { tree } = imported(`ALERT_STREAMS = [${['x1', 'x2', 'x1'].map(stream)}]`)
  const names = tree.ALERT_STREAMS.map((stream: { OPTIONS: object }) => stream.OPTIONS)
  const [one, two] = [{ PASSWORD: '${MY_STREAM_PASSWORD}' }, { PASSWORD: '${MY_STREAM_PASSWORD_2}' }]
  expect(names).toEqual([one, two, one])
})

describe('options', () => {
  test('that the class knows by another name have ours, and those that it does not know are left out', () => {
    const { options: found, notes } = options(`'GROUP': 'x', 'GROUP_ID': 'y', 'NOTHING': 1, 'SSL_CA_LOCATION': None`)
    expect(found).toEqual({ GROUP_ID: 'y' })
    expect(notes).toEqual([
      '6: GROUP is left out: it is no option here',
      '6: NOTHING is left out: it is no option here'
    ])
  })

  test('START_POSITION: what a TOM takes for LATEST is that', () => {
    expect(options(`'START_POSITION': 'beginning'`)).toMatchObject({
      options: { START_POSITION: 'LATEST' },
      notes: ['6: START_POSITION was beginning, which a TOM takes for LATEST']
    })
  })

  test('a value that the class refuses stays, with the reason', () => {
    const { yaml, options: found } = options(`'URL': 'http://x/', 'INCLUDE_TEST': 'perhaps'`)
    expect(found).toEqual({ URL: 'http://x/', INCLUDE_TEST: 'perhaps' })
    expect(yaml).toMatch(/URL: http:\/\/x\/ # URL: expected kafka/)
  })

  test('an empty default is none where somebody is named, and stays elsewhere', () => {
    const { options: found } = options(`'USERNAME': os.getenv('U', ''), 'SSL_CA_LOCATION': os.environ.get('CA', '')`)
    expect(found).toEqual({ USERNAME: '${U}', SSL_CA_LOCATION: '${CA:-}' })
  })

  test('text that looks like a variable is none', () => {
    expect(options(`'GROUP_ID': 'a\${B}'`).options.GROUP_ID).toBe('a$${B}')
  })

  test('a default that cannot stand within a variable is said', () => {
    const { options: found, notes } = options(`'GROUP_ID': os.getenv('G', 'a}b')`)
    expect(found).toEqual({ GROUP_ID: '${G}' })
    expect(notes).toEqual(['6: the default of G cannot stand in YAML'])
  })

  test('of another librdkafka stream are ours where there is an equivalent', () => {
    const text = `import os
ALERT_STREAMS = [{'NAME': 'tom_alertstreams.alertstreams.gcn.GCNClassicAlertStream', 'OPTIONS': {
  'GCN_CLASSIC_CLIENT_ID': 'me', 'GCN_CLASSIC_CLIENT_SECRET': os.getenv('S'),
  'CONFIG': {'group.id': os.getenv('G', 'g'), 'session.timeout.ms': 45000, 'auto.offset.reset': 'smallest',
    'security.protocol': os.getenv('P', 'SASL_SSL'), 'fetch.min.bytes': 1, **MORE}}}]`
    const { tree, notes } = imported(text)
    expect(tree.ALERT_STREAMS[0].OPTIONS).toEqual({
      CLIENT_ID: 'me',
      CLIENT_SECRET: '${S}',
      GROUP_ID: '${G:-g}',
      SESSION_TIMEOUT: '45000ms',
      START_POSITION: 'EARLIEST'
    })
    expect(notes.map((note) => note.slice(3, 35))).toEqual([
      'a part of CONFIG is left out: wh',
      'CONFIG: security.protocol is lef',
      'CONFIG: fetch.min.bytes is left '
    ])
  })
})

describe('TOPIC_HANDLERS', () => {
  const handlers = (lines: string) => {
    const { options: found, notes } = options(`'TOPIC_HANDLERS': {${lines}}`)
    return { handlers: found.TOPIC_HANDLERS, notes }
  }

  test('regular expressions are globs where that says the same', () => {
    const lines = [String.raw`r'^hermes\..*'`, String.raw`r'gcn\.classic\..*$'`, "'igwn.gwalert*'", "'a(b|c).*'"]
    const { handlers: found, notes } = handlers(lines.map((key) => `${key}: 'x.y.z'`).join(', '))
    expect(Object.keys(found)).toEqual(['hermes.*', 'gcn.classic.*', 'igwn.gwalert*'])
    expect(notes).toContain('6: a(b|c).* is left out: patterns are globs here, no regular expressions')
  })

  test('patterns are asked in the order of the file by a TOM: where that makes a difference here it is said', () => {
    const note = (line: number, first: string, second: string) =>
      `${line}: topics of both ${first} and ${second} go to the latter here, and in a TOM to the former, which stands first`
    const keys = {
      'hermes.*': 'a',
      '*': 'b',
      '*.test': 'c',
      'hermes.t*': 'a',
      'hermes.test.*': 'd',
      'hermes.test': 'e'
    }
    const lines = Object.entries(keys).map(([key, name]) => `'${key}': 'x.y.${name}'`)
    expect(handlers(lines.join(',\n')).notes.filter((one) => one.includes('topics of'))).toEqual([
      note(9, '*.test', 'hermes.t*'),
      note(10, 'hermes.*', 'hermes.test.*'),
      note(10, '*.test', 'hermes.test.*'),
      note(10, 'hermes.t*', 'hermes.test.*')
    ])
  })

  test('a pattern that says something else as a regular expression is noted', () => {
    const { notes } = handlers(`'igwn.gwalert*': 'x.y.z', 'gcn.*test': 'x.y.z', 'hermes.*': 'x.y.z', '*': 'x.y.z'`)
    expect(notes.filter((one) => one.includes('glob here'))).toMatchObject([
      expect.stringMatching(/^6: igwn\.gwalert\* is a glob here/),
      expect.stringMatching(/^6: gcn\.\*test is a glob here/)
    ])
  })

  test.each([
    ['hermes.*', '*.test', true],
    ['hermes.*', 'hermes.', true],
    ['hermes.?', 'hermes.', false],
    ['a*c', 'ab*', true],
    ['a*c', '*d', false],
    ['*a*', '*b*', true],
    ['a?', '?b', true],
    ['', '*', true],
    ['a*', 'b*', false]
  ])('%s and %s: a topic that fits both: %s', (one, other, both) => {
    expect([overlap(one, other), overlap(other, one)]).toEqual([both, both])
  })

  test('handlers of one name have different files', () => {
    expect(handlers(`'a': 'x.one.save', 'b': 'x.two.save', 'c': 'x.one.save'`).handlers).toEqual({
      a: './handlers/save.ts',
      b: './handlers/two-save.ts',
      c: './handlers/save.ts'
    })
  })

  test('one that is no name is left out', () => {
    const { handlers: found, notes } = handlers(`'a': None, 'b': print, 'c': 'word'`)
    expect(found).toEqual({ a: null, c: 'word' })
    expect(notes).toEqual(['6: the handler of b is left out: print is a function of Python', '6: word is no handler'])
  })
})

describe('where the settings stand', () => {
  test('a condition: nothing is taken', () => {
    const { yaml, notes } = imported(`import os\nif os.getenv('X'):\n  ALERT_STREAMS = [{'NAME': 'a.b'}]\n`)
    expect(yaml).toBeUndefined()
    expect(notes).toEqual(['3: ALERT_STREAMS is left out: it is set where it depends on a condition (line 3)'])
  })

  test('a class or a function: nothing is taken', () => {
    const { yaml, notes } = imported(`class Local(Base):\n  ALERT_STREAMS = []\n`)
    expect(yaml).toBeUndefined()
    expect(notes).toEqual(['2: ALERT_STREAMS is left out: it does not stand at the top level'])
  })

  test('a list of which a part would have to be computed: the rest is taken', () => {
    const text = `ALERT_STREAMS = [{'NAME': 'a.b.C'}, make()] + [s for s in more]\nfor s in ALERT_STREAMS: s['x'] = 1\nfrom local import *`
    const { tree, notes } = imported(text)
    expect(tree.ALERT_STREAMS).toEqual([{ ACTIVE: false, NAME: 'a.b.C' }])
    expect(notes).toEqual([
      '1: there is no stream a.b.C here',
      '1: a stream is left out: make() would have to be called',
      '1: a stream is left out: it is no list here: a comprehension would have to be run',
      '2: ALERT_STREAMS may be changed by this statement, which is not executed',
      '3: ALERT_STREAMS may be set by local, too'
    ])
  })

  test('no Python: the line is named', () => {
    expect(imported('x = 1\nALERT_STREAMS = [{\n')).toMatchObject({ yaml: undefined, brokenLine: 2 })
    expect(imported('{"ALERT_STREAMS": [}')).toMatchObject({ yaml: undefined, brokenLine: 1 })
    // The parser does not know all that a function may hold.
    const more = imported('def f():\n  yield\nDATA_SHARING = {"a": 1}\n')
    expect(more).toMatchObject({ tree: { DATA_SHARING: { a: 1 } }, brokenLine: undefined, notes: [] })
  })

  test('brokers that a TOM asks by a form and that are streams here are named', () => {
    const names = ['tom_pittgoogle.broker_stream_python.BrokerStreamPython', 'tom_alerts.brokers.gaia.GaiaBroker']
    const { yaml, notes } = imported(`TOM_ALERT_CLASSES = [\n${names.map((name) => `'${name}',\n`).join('')}]`)
    expect([yaml, notes]).toEqual([undefined, [`2: ${names[0]} is a stream here`]])
  })

  test('a file of variables that the settings read is said', () => {
    const { notes } = imported(
      `from decouple import config as c\nDATA_SHARING = {'x': {'URL': c('U', default='d'), 'V': c('V')}}`
    )
    expect(notes).toEqual(['1: a file of variables (.env) is not read here'])
  })
})
