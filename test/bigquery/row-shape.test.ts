import { describe, expect, test } from 'vitest'
import { columnsOf } from '../../src/bigquery/columns.ts'
import { RowShape } from '../../src/bigquery/row-shape.ts'
import type { FieldSchema } from '../../src/bigquery/tables.ts'

const shaped = (fields: readonly FieldSchema[], record: Readonly<Record<string, unknown>>) => {
  const unknown: string[] = []
  const row = new RowShape(columnsOf({ fields })).fit(record, (path) => unknown.push(path))
  return { row, unknown }
}

const stamp = { fileName: 'science.fits.gz', stampData: Uint8Array.of(0, 255, 7) }
const alert = {
  objectId: 'ZTF17aaarzyp',
  candid: 2982177112815010003n,
  candidate: { jd: 2460736.5, magpsf: 18.25, rb: null, nbad: 0 },
  prv_candidates: [
    { jd: 2460730.5, magpsf: 18.5, candid: 2981000000000010003n },
    { jd: 2460733.5, magpsf: null, candid: null }
  ],
  cutoutScience: stamp
}

test('a nested table has rows as the alert is, without what is null and without cut-outs', () => {
  const measured: readonly FieldSchema[] = [
    { name: 'jd', type: 'FLOAT' },
    { name: 'magpsf', type: 'FLOAT' },
    { name: 'rb', type: 'FLOAT' },
    { name: 'nbad', type: 'INTEGER' },
    { name: 'candid', type: 'INTEGER' }
  ]
  const { row, unknown } = shaped(
    [
      { name: 'objectId', type: 'STRING', mode: 'REQUIRED' },
      { name: 'candid', type: 'INT64', mode: 'REQUIRED' },
      { name: 'candidate', type: 'STRUCT', fields: measured },
      { name: 'prv_candidates', type: 'RECORD', mode: 'REPEATED', fields: measured }
    ],
    alert
  )
  expect(row).toEqual({
    objectId: 'ZTF17aaarzyp',
    candid: '2982177112815010003',
    candidate: { jd: 2460736.5, magpsf: 18.25, nbad: '0' },
    prv_candidates: [{ jd: 2460730.5, magpsf: 18.5, candid: '2981000000000010003' }, { jd: 2460733.5 }]
  })
  expect(unknown).toEqual([])
})

test('a flat table has joined names, and lists of what earlier candidates have', () => {
  const { row, unknown } = shaped(
    [
      { name: 'candid', type: 'INTEGER' },
      { name: 'candidate_magpsf', type: 'FLOAT' },
      { name: 'prv_candidates_jd', type: 'FLOAT', mode: 'REPEATED' },
      { name: 'prv_candidates_magpsf', type: 'FLOAT', mode: 'REPEATED' },
      { name: 'cutoutScience_stampData', type: 'BYTES' }
    ],
    alert
  )
  expect(row).toEqual({
    candid: '2982177112815010003',
    candidate_magpsf: 18.25,
    prv_candidates_jd: [2460730.5, 2460733.5],
    prv_candidates_magpsf: [18.5, 'NaN'],
    cutoutScience_stampData: 'AP8H'
  })
  expect(unknown.toSorted()).toEqual([
    'candidate.jd',
    'candidate.nbad',
    'cutoutScience.fileName',
    'objectId',
    'prv_candidates.candid'
  ])
})

test('what has a value and no column is named by its path, cut-outs are not', () => {
  const fields = [{ name: 'candidate', type: 'RECORD', fields: [{ name: 'jd', type: 'FLOAT' }] }]
  const { unknown } = shaped(fields, { ...alert, cutoutTemplate: { stampData: 'base64' }, nothing: null })
  expect(unknown).toEqual(['objectId', 'candid', 'candidate.magpsf', 'candidate.nbad', 'prv_candidates'])
})

describe('a value in a column of', () => {
  const cell = (type: string, value: unknown) => shaped([{ name: 'x', type }], { x: value }).row.x

  test.each<[type: string, value: unknown, expected: unknown]>([
    ['INTEGER', 9223372036854775807n, '9223372036854775807'],
    ['INTEGER', -9223372036854775808n, '-9223372036854775808'],
    ['INT64', '2982177112815010003', '2982177112815010003'],
    ['INTEGER', Number.NaN, undefined],
    ['FLOAT', 1e-300, 1e-300],
    ['FLOAT64', 2982177112815010003n, 2982177112815010000],
    ['FLOAT', Number.NaN, 'NaN'],
    ['FLOAT', Number.NEGATIVE_INFINITY, '-Infinity'],
    ['NUMERIC', '26.123456789', '26.123456789'],
    ['NUMERIC', 2.5, '2.5'],
    ['BOOL', false, false],
    ['STRING', 'Ünï', 'Ünï'],
    ['STRING', 2982177112815010003n, '2982177112815010003'],
    ['STRING', { id: 2982177112815010003n }, '{"id":2982177112815010003}'],
    ['STRING', '\ud800', '�'],
    ['BYTES', Uint8Array.of(255, 0), '/wA='],
    ['BYTES', '/wA=', '/wA='],
    ['JSON', [['name', null], 'text'], '[["name",null],"text"]'],
    ['JSON', 'text', '"text"'],
    ['TIMESTAMP', '2025-03-02T04:15:03.004Z', '2025-03-02T04:15:03.004Z'],
    ['TIMESTAMP', new Date(1740888903004), '2025-03-02T04:15:03.004Z'],
    ['TIMESTAMP', 1740888903, '2025-03-02T04:15:03.000000Z'],
    ['TIMESTAMP', 1740888903.25, '2025-03-02T04:15:03.250000Z'],
    ['TIMESTAMP', 1740888903004, '2025-03-02T04:15:03.004000Z'],
    ['TIMESTAMP', 1740888903004005, '2025-03-02T04:15:03.004005Z'],
    ['TIMESTAMP', 1740888903004005006n, '2025-03-02T04:15:03.004005Z'],
    ['DATE', new Date(1740888903004), '2025-03-02'],
    ['DATETIME', new Date(1740888903004), '2025-03-02T04:15:03.004'],
    ['GEOGRAPHY', 'POINT(97 -2)', 'POINT(97 -2)']
  ])('%s: %s', (type, value, expected) => {
    expect(cell(type, value)).toEqual(expected)
  })

  test.each<[type: string, value: unknown]>([
    ['INTEGER', 1.5],
    ['INTEGER', 9223372036854775808n],
    ['INTEGER', 'ZTF17'],
    ['FLOAT', '18.25'],
    ['FLOAT', { jd: 1 }],
    ['BOOLEAN', 'secret'],
    ['STRING', Uint8Array.of(1)],
    ['BYTES', 'no base64!'],
    ['TIMESTAMP', true],
    ['RECORD', 'secret'],
    ['FLOAT', [1, 2]]
  ])('%s is not %s, which is said without the value', (type, value) => {
    expect(() => cell(type, value)).toThrow(`x is a column of ${type}`)
    expect(() => cell(type, value)).not.toThrow('secret')
  })
})

test.each([
  [{ name: 'ids', type: 'INTEGER', mode: 'REPEATED' }, { ids: [1, null] }, 'null in it'],
  [{ name: 'ids', type: 'INTEGER', mode: 'REPEATED' }, { ids: 1 }, 'ids is a column of lists'],
  [{ name: 'objectId', type: 'STRING', mode: 'REQUIRED' }, { objectId: null }, 'the table needs objectId'],
  [
    { name: 'candidate', type: 'RECORD', fields: [{ name: 'jd', type: 'FLOAT', mode: 'REQUIRED' }] },
    { candidate: { magpsf: 1 } },
    'the table needs candidate.jd'
  ]
] as const)('%j does not take %j', (field, record, problem) => {
  expect(() => shaped([field], record)).toThrow(problem)
})
