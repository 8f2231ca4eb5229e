import { expect, test } from 'vitest'
import { compileExpression } from '../../src/filter/index.ts'

test.each<[string, string[][] | undefined]>([
  [
    'candidate.drb > 0.8 && candidate.magpsf < 19.0',
    [
      ['candidate', 'drb'],
      ['candidate', 'magpsf']
    ]
  ],
  ['candidate.drb > 0.8 || candidate.drb < 0.1', [['candidate', 'drb']]],
  ['candidate.drb > 0.8 && has(candidate)', [['candidate']]],
  ['candidate["odd name"] == 7', [['candidate', 'odd name']]],
  ['prv_candidates[0].magpsf < 18', [['prv_candidates', 'magpsf']]],
  ['prv_candidates[n].magpsf < 18', [['prv_candidates'], ['n']]],
  ['size(prv_candidates) > 3', [['prv_candidates']]],
  ['has(candidate.drb)', [['candidate', 'drb']]],
  ['candidate.drb == null', [['candidate', 'drb']]],
  [
    'prv_candidates.exists(p, p.magpsf < 18 && p.fid == candidate.fid)',
    [
      ['prv_candidates', 'magpsf'],
      ['prv_candidates', 'fid'],
      ['candidate', 'fid']
    ]
  ],
  ['prv_candidates.exists(p, candidate.fid == 1)', [['candidate', 'fid'], ['prv_candidates']]],
  ['prv_candidates.exists(p, p == 1)', [['prv_candidates']]],
  ['prv_candidates.filter(p, p.magpsf < 18).size() > 1', [['prv_candidates']]],
  ['prv_candidates.map(p, p.magpsf)[0] > 18', [['prv_candidates', 'magpsf']]],
  [
    'prv_candidates.map(p, p.jd > 2, p.magpsf)[0] > 18',
    [
      ['prv_candidates', 'jd'],
      ['prv_candidates', 'magpsf']
    ]
  ],
  [
    'a.exists(p, p.b.exists(q, q.c > p.d))',
    [
      ['a', 'b', 'c'],
      ['a', 'd']
    ]
  ],
  ['candidate.exists(candidate, candidate.x > 1)', [['candidate', 'x']]],
  ['(flag ? a : b).x > 1', [['flag'], ['a', 'x'], ['b', 'x']]],
  ['"drb" in candidate', [['candidate']]],
  ['[a.b, {"k": c.d}] == [e]', [['a', 'b'], ['c', 'd'], ['e']]],
  ['payload.candidate.drb > 0.8', [['candidate', 'drb']]],
  ['payload.exists(p, p.x > 1)', [['x']]],
  ['payload == null', undefined],
  ['candidate.drb > 1 && size(payload) > 1', undefined],
  ['payload[name] == 1', undefined],
  ['msg.topic == "a" && msg.headers["x"] == msg.key', []],
  ['1 < 2', []]
])('%s', (source, fields) => {
  expect(compileExpression(source).fields).toEqual(fields)
})
