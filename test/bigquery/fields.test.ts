import { expect, test } from 'vitest'
import { databaseFields, wishOf } from '../../src/bigquery/fields.ts'
import { statementOf } from '../../src/bigquery/statement.ts'
import { databaseOptionsOf } from '../google/database-options.ts'

function read<Name extends keyof typeof databaseFields>(name: Name, given: unknown): unknown {
  const result = databaseFields[name].read(given)
  return 'value' in result ? result.value : result
}

const parameter = (name: string, type: string, value: string) => ({
  name,
  parameterType: { type },
  parameterValue: { value }
})

test.each([
  ['TABLE', 'ztf.alerts_v4_02', { name: 'ztf.alerts_v4_02', path: 'ardent-cycling-243415.ztf.alerts_v4_02' }],
  ['TABLE', 'lsst.alerts_v10_0', { name: 'lsst.alerts_v10_0', path: 'pitt-alert-broker.lsst.alerts_v10_0' }],
  ['TABLE', 'my-own.night.alerts', { name: 'night.alerts', path: 'my-own.night.alerts' }],
  ['TABLE', 'a.b` WHERE true --', { problem: expect.stringContaining('dataset.table') }],
  ['COLUMNS', ['objectId', 'candidate.jd'], ['objectId', 'candidate.jd']],
  ['COLUMNS', '*', ['*']],
  ['COLUMNS', ['jd` FROM x --'], { problem: expect.stringContaining('paths') }],
  ['SORT', 'candidate.jd desc', ['candidate.jd desc']],
  ['SORT', ['jd; DROP TABLE x'], { problem: expect.stringContaining('paths') }],
  ['CANDID', '2982177112815010003', '2982177112815010003'],
  ['CANDID', 'ZTF17', { problem: expect.stringContaining('whole number') }],
  ['WHERE', 'true; DROP TABLE x', { problem: expect.stringContaining('semicolon') }],
  ['PARAMETERS', { name: 'a' }, [parameter('name', 'STRING', 'a')]],
  ['PARAMETERS', { id: 2982177112815010003n }, [parameter('id', 'INT64', '2982177112815010003')]],
  ['PARAMETERS', { limit: 1.5, ok: true }, [parameter('limit', 'FLOAT64', '1.5'), parameter('ok', 'BOOL', 'true')]],
  [
    'PARAMETERS',
    { since: { TYPE: 'timestamp', VALUE: '2025-01-01' } },
    [parameter('since', 'TIMESTAMP', '2025-01-01')]
  ],
  [
    'PARAMETERS',
    { all: [1, 1.5] },
    [
      {
        name: 'all',
        parameterType: { type: 'ARRAY', arrayType: { type: 'FLOAT64' } },
        parameterValue: { arrayValues: [{ value: '1' }, { value: '1.5' }] }
      }
    ]
  ],
  ['PARAMETERS', { all: [1, 'a'] }, { problem: expect.stringContaining('all must be') }],
  ['PARAMETERS', { candid: 1 }, { problem: expect.stringContaining('the query uses itself') }],
  ['PARAMETERS', { 'a b': 1 }, { problem: expect.stringContaining('no name') }],
  ['PARAMETERS', { none: null }, { problem: expect.stringContaining('none must be') }]
] as const)('%s: %o', (name, given, expected) => {
  expect(read(name, given)).toEqual(expected)
})

const sqlOf = (options: Parameters<typeof databaseOptionsOf>[0]) => statementOf(wishOf(databaseOptionsOf(options))).sql

test('another table than those of ZTF is read whole and in any order', () => {
  expect(sqlOf({ TABLE: 'lsst.alerts_v10_0' })).toBe('SELECT *\nFROM `pitt-alert-broker.lsst.alerts_v10_0` AS t')
})

test('columns keep the order in which they were named, records their nesting', () => {
  const COLUMNS = ['b.y.z', 'a', 'b.x', 'c.d', 'c']
  expect(sqlOf({ COLUMNS, SORT: [] }).split('\n')[0]).toBe(
    'SELECT STRUCT(STRUCT(t.`b`.`y`.`z` AS `z`) AS `y`, t.`b`.`x` AS `x`) AS `b`, t.`a` AS `a`, t.`c` AS `c`'
  )
})
