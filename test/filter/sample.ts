import type { Message } from '../../src/contract/alert.ts'
import { compileExpression, compileFilter } from '../../src/filter/index.ts'

const utf8 = new TextEncoder()

export const message: Message = {
  topic: 'ztf_20240101_programid1',
  id: 'ztf_20240101_programid1/3/42',
  partition: 3,
  offset: '42',
  key: utf8.encode('ZTF18abcdefg'),
  headers: [
    ['_format', utf8.encode('avro')],
    ['kind', utf8.encode('first')],
    ['kind', utf8.encode('second')],
    ['empty', null]
  ],
  publishedAt: new Date('2024-01-02T03:04:05Z'),
  bytes: null,
  size: 71_234
}

export const payload = {
  objectId: 'ZTF18abcdefg',
  candid: 2982177112815010003n,
  small: 1234567,
  type: 'record field with the name of a CEL type',
  timestamp: 5,
  flag: true,
  nothing: null,
  nan: Number.NaN,
  candidate: { drb: 0.93, magpsf: 18.0, magnr: 18.5, fid: 1, rb: null, isdiffpos: 't', 'odd name': 7 },
  prv_candidates: [
    { magpsf: 19.5, jd: 2460000.5 },
    { magpsf: null, jd: 2460001.5 },
    { magpsf: 17.25, jd: 2460002.5 }
  ],
  empty: [],
  mixed: [1, null, Number.NaN, 'a'],
  tags: ['sn', 'agn']
}

export function passes(source: string, given: unknown = payload): boolean {
  return compileFilter(source).passes(given, message, 'ztf')
}

export function value(source: string, given: unknown = payload): unknown {
  return compileExpression(source).value(given, message, 'ztf')
}

export function nulls(source: string, given: unknown = payload): number {
  const filter = compileFilter(source)
  filter.passes(given, message, 'ztf')
  return filter.nulls
}
