import { expect, test } from 'vitest'
import { columnsOf } from '../../src/bigquery/columns.ts'
import { searchStatement } from '../../src/bigquery/search.ts'

const table = { name: 'ztf.alerts', path: 'me.ztf.alerts' }
const column = (name: string, type: string, fields?: readonly unknown[]) => ({ name, type, ...(fields && { fields }) })
const nested = columnsOf({
  fields: [
    column('objectId', 'STRING'),
    column('candid', 'INTEGER'),
    column(
      'candidate',
      'RECORD',
      ['jd', 'magpsf', 'ra', 'dec', 'rb'].map((name) => column(name, 'FLOAT'))
    )
  ]
})
const flat = columnsOf({
  fields: [
    column('objectId', 'STRING'),
    column('candid', 'INT64'),
    ...['jd', 'magpsf', 'ra', 'dec'].map((name) => column(`candidate_${name}`, 'FLOAT64'))
  ]
})
const lsst = columnsOf({
  fields: [
    column('diaObject', 'STRUCT', [column('diaObjectId', 'INTEGER')]),
    column(
      'diaSource',
      'STRUCT',
      ['midpointMjdTai', 'ra', 'dec', 'psfFlux'].map((name) => column(name, 'FLOAT'))
    )
  ]
})

test('an object, an alert and a place are found in the columns that the table has', () => {
  const search = { object: "x' OR '1'='1", alert: '2982177112815010003', limit: 5 }
  const { sql, parameters } = searchStatement(table, nested, search)
  expect(sql.split('\n')).toEqual([
    'SELECT t.`objectId` AS `objectId`, t.`candid` AS `candid`, STRUCT(t.`candidate`.`jd` AS `jd`, ' +
      't.`candidate`.`magpsf` AS `magpsf`, t.`candidate`.`ra` AS `ra`, t.`candidate`.`dec` AS `dec`) AS `candidate`',
    'FROM `me.ztf.alerts` AS t',
    'WHERE (t.`objectId` = @object AND t.`candid` = @alert',
    ')',
    'ORDER BY t.`candidate`.`jd` DESC',
    'LIMIT @max_results'
  ])
  expect(
    parameters.map(({ name, parameterType, parameterValue }) => [name, parameterType.type, parameterValue])
  ).toEqual([
    ['object', 'STRING', { value: "x' OR '1'='1" }],
    ['alert', 'INT64', { value: '2982177112815010003' }],
    ['max_results', 'INT64', { value: '5' }]
  ])
})

test('a flat table is searched by its own names', () => {
  const { sql } = searchStatement(table, flat, { cone: { ra: 1, dec: 2, radius: 3 } })
  expect(sql).toContain('t.`candidate_dec` BETWEEN @dec_low AND @dec_high')
  expect(sql).toContain('ORDER BY t.`candidate_jd` DESC')
  expect(sql).toContain('SELECT t.`objectId` AS `objectId`')
})

test('objects of LSST are numbers', () => {
  const { sql, parameters } = searchStatement(table, lsst, { object: '3516505565058564097' })
  expect(sql).toContain('t.`diaObject`.`diaObjectId` = @object')
  expect(parameters).toEqual([
    { name: 'object', parameterType: { type: 'INT64' }, parameterValue: { value: '3516505565058564097' } }
  ])
  expect(() => searchStatement(table, lsst, { object: 'ZTF17aaarzyp' })).toThrow('is a whole number, not ZTF17aaarzyp')
})

test.each([
  [{ columns: ['candidate.jd', 'candidate.magspf'] }, 'no column candidate.magspf'],
  [{ columns: ['objectId` FROM x --'] }, 'no column objectId`'],
  [{ cone: { ra: 1, dec: 2, radius: 3 } }, 'no column for ra']
])('%j is refused where the table has no such column', (search, problem) => {
  const columns = 'cone' in search ? columnsOf({ fields: [column('objectId', 'STRING')] }) : nested
  expect(() => searchStatement(table, columns, search)).toThrow(problem)
})

test('a table of something else is read whole, and so is * of any', () => {
  const fits = columnsOf({ fields: [column('objectId', 'STRING'), column('x1', 'FLOAT')] })
  expect(searchStatement(table, fits, { object: 'a' }).sql).toMatch(/^SELECT \*\n/)
  expect(searchStatement(table, nested, { columns: ['*'] }).sql).toMatch(/^SELECT \*\n/)
})
