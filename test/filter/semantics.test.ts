import { describe, expect, test } from 'vitest'
import { compileExpression, compileFilter } from '../../src/filter/index.ts'
import { message, nulls, passes, payload, value } from './sample.ts'

const verdicts: Record<string, readonly (readonly [source: string, verdict: boolean])[]> = {
  'fields by name': [
    ['candidate.drb > 0.8 && candidate.magpsf < 19.0', true],
    ['candidate.drb > 0.95 || candidate.magpsf > 19.0', false],
    ['candidate["odd name"] == 7', true],
    ['type.startsWith("record") && timestamp == 5', true],
    ['payload.candidate.drb > 0.8 && payload["objectId"] == objectId', true]
  ],
  'null, absent and NaN compare false, != included': [
    ['nothing == 1', false],
    ['nothing != 1', false],
    ['nothing < 1', false],
    ['nothing >= 1', false],
    ['nothing == nothing', false],
    ['nothing != nothing', false],
    ['absent == 1', false],
    ['absent != 1', false],
    ['absent > 1', false],
    ['nan == 1', false],
    ['nan != 1', false],
    ['nan < 1 || nan >= 1', false],
    ['nan == nan', false],
    ['nan != nan', false],
    ['nan < "a"', false],
    ['candidate.rb > 0.5', false],
    ['candidate.absent.deeper > 0.5', false],
    ['nothing.deeper.still != "a"', false]
  ],
  'only the literal looks at null and absent': [
    ['nothing == null', true],
    ['nothing != null', false],
    ['null == nothing', true],
    ['absent == null', true],
    ['absent.deeper == null', true],
    ['absent != null', false],
    ['candidate.drb == null', false],
    ['candidate.drb != null', true],
    ['nan == null', false],
    ['nan != null', true],
    ['null == null', true],
    ['nothing == (flag ? null : 1)', false]
  ],
  'has() asks for presence': [
    ['has(candidate)', true],
    ['has(candidate.drb)', true],
    ['has(candidate.rb)', true],
    ['has(nothing)', true],
    ['has(absent)', false],
    ['has(candidate.absent)', false],
    ['has(absent.deeper.still)', false],
    ['has(nothing.deeper)', false],
    ['has(candidate["odd name"])', true],
    ['has(prv_candidates[2].jd)', true],
    ['has(prv_candidates[3])', false],
    ['has(candidate.toString) || has(constructor)', false],
    ['has(msg.headers.kind) && !has(msg.headers.other)', true]
  ],
  'arithmetic, an index or a function on null gives null': [
    ['nothing + 1 == null', true],
    ['1 - absent.deeper == null', true],
    ['-nothing == null', true],
    ['nothing % 2 == null', true],
    ['nothing[0] == null', true],
    ['tags[nothing] == null', true],
    ['empty[0] == null', true],
    ['size(nothing) == null', true],
    ['size(absent) > 0', false],
    ['nothing.startsWith("a")', false],
    ['objectId.startsWith(nothing)', false],
    ['nothing.exists(p, p > 1)', false],
    ['nothing.map(p, p.x) == null', true]
  ],
  '! is the plain negation': [
    ['!(nothing > 1)', true],
    ['!(nothing != 1)', true],
    ['!(candidate.drb > 0.8)', false],
    ['!nothing', true],
    ['!nothing.exists(p, p > 1)', true],
    ['!(nothing in tags)', true]
  ],
  'null as a bool is false': [
    ['nothing && flag', false],
    ['flag && nothing', false],
    ['nothing || flag', true],
    ['absent', false],
    ['nothing ? true : false', false],
    ['flag', true]
  ],
  'int and double mix': [
    ['candidate.fid + 1 > 1.5', true],
    ['candidate.fid + 1 == 2', true],
    ['candidate.fid + 0.5 == 1.5', true],
    ['1 == 1.0', true],
    ['1 + 1.5 == 2.5', true],
    ['(candidate.magpsf + 1) * 0.5 == 9.5', true],
    ['candidate.magpsf == 18', true],
    ['candidate.magpsf - candidate.magnr == -0.5', true],
    ['candidate.fid in [1, 2.5]', true],
    ['candid > 1.5 && candid < 1e19', true]
  ],
  'an integer is an int whatever its size': [
    ['candid == 2982177112815010003', true],
    ['candid == 2982177112815010004', false],
    ['candid != 2982177112815010004', true],
    ['candid > 2982177112815010002 && candid < 2982177112815010004', true],
    ['candid % 2 == 1', true],
    ['small % 2 == 1', true],
    ['candid + 1 == 2982177112815010004', true],
    ['candid - 2982177112815010000 == 3', true],
    ['-candid == -2982177112815010003', true],
    ['candid in [1, 2982177112815010003]', true],
    ['string(candid) == "2982177112815010003"', true],
    ['int("2982177112815010003") == candid', true],
    ['9007199254740991 + 2 == 9007199254740993', true],
    ['small * 10000000000000 + 1 == 12345670000000000001', false],
    ['small * 1000000000000 + 1 == 1234567000000000001', true]
  ],
  '/ divides as doubles, but for ints as written': [
    ['candidate.fid / 2 == 0.5', true],
    ['candidate.magpsf / 4 == 4.5', true],
    ['candid / 2 > 1.4e18', true],
    ['1 / 0.5 == 2', true],
    ['7 / 2 == 3 && -7 / 2 == -3', true],
    ['size(tags) / 4 == 0', true],
    ['int(candid) / 1000 == 2982177112815010', true],
    ['candidate.fid / 0 > 1e300', true],
    ['2460000.75 % 1.0 == 0.75', true]
  ],
  'lists, texts and macros': [
    ['candidate.isdiffpos in ["t", "1"]', true],
    ['"drb" in candidate', true],
    ['candidate.fid in [3, 1.0] && !(candidate.fid in [-1, 2])', true],
    ['4611686018427387904.0 in [1, 4611686018427387904]', true],
    ['int("9007199254740993") in [9007199254740993] && !(9007199254740992.0 in [9007199254740993])', true],
    ['"sn" in tags && !("x" in tags)', true],
    ['objectId.startsWith("ZTF") && objectId.endsWith("g") && objectId.contains("abc")', true],
    ['objectId.matches("^ZTF[0-9]{2}[a-z]{7}$")', true],
    ['objectId.matches("(?i)^ztf")', true],
    ['size(objectId) == 12 && objectId.size() == 12 && size(tags) == 2', true],
    ['prv_candidates.exists(p, p.magpsf < 18.0)', true],
    ['prv_candidates.all(p, p.magpsf < 20.0)', false],
    ['prv_candidates.all(p, p.jd > 2.0e6)', true],
    ['prv_candidates.exists_one(p, p.magpsf > 19)', true],
    ['size(prv_candidates.filter(p, p.magpsf != null)) == 2', true],
    ['prv_candidates.map(p, p.jd)[0] == 2460000.5', true],
    ['prv_candidates.map(p, p.magpsf < 18, p.jd) == [2460002.5]', true],
    ['prv_candidates.exists(p, tags.exists(t, t == "agn" && p.magpsf < 18))', true],
    ['prv_candidates[0].magpsf > prv_candidates[2].magpsf', true],
    ['(flag ? 1 : 2) == 1', true],
    ['{"a": [1, 2]} == {"a": [1, 2]}', true],
    ['"a" + "b" == "ab" && [1] + [2] == [1, 2]', true]
  ],
  'null and NaN inside a list': [
    ['nan in mixed', false],
    ['nothing in mixed', false],
    ['"a" in mixed', true],
    ['[nan] == [nan]', false],
    ['[nan] != [nan]', false],
    ['[nan, 1] != [nan, 2]', true],
    ['mixed.exists(m, m == 1)', true],
    ['mixed.exists(m, m != 1)', true],
    ['[nan, nothing].exists(m, m != 1)', false]
  ],
  'different kinds are not equal': [
    ['objectId == 5', false],
    ['objectId != 5', true],
    ['tags == candidate', false]
  ],
  timestamps: [
    ['msg.publishedAt > timestamp("2024-01-01T00:00:00Z")', true],
    ['msg.publishedAt - timestamp("2024-01-01T00:00:00Z") < duration("48h")', true],
    ['msg.publishedAt == timestamp("2024-01-01T03:04:05Z") + duration("24h")', true],
    ['msg.publishedAt.getFullYear() == 2024 && msg.publishedAt.getHours() == 3', true],
    ['msg.publishedAt.getHours("America/New_York") == 22', true],
    ['timestamp(1704164645) == msg.publishedAt && int(msg.publishedAt) == 1704164645', true]
  ],
  'the message': [
    ['msg.topic.startsWith("ztf_") && msg.stream == "ztf" && msg.size > 70000', true],
    ['msg.key == "ZTF18abcdefg"', true],
    ['msg.headers.kind == "first" && msg.attributes["_format"] == "avro"', true],
    ['msg.headers.empty == null && has(msg.headers.empty)', true],
    ['msg["topic"] == msg.topic', true]
  ]
}

for (const [title, rows] of Object.entries(verdicts)) {
  describe(title, () => {
    test.each(rows)('%s: %s', (source, verdict) => {
      expect(passes(source)).toBe(verdict)
    })
  })
}

test('a payload that is no record is `payload`', () => {
  expect(passes('payload.exists(p, p > 2)', [1, 2, 3])).toBe(true)
  expect(passes('payload == "text"', 'text')).toBe(true)
  expect(passes('payload == null', null)).toBe(true)
  expect(passes('candidate.drb > 1', 'text')).toBe(false)
})

test('a message without key, headers and time has nulls there', () => {
  const bare = { ...message, key: null, headers: [], publishedAt: undefined }
  const filter = compileFilter('msg.key == null && msg.publishedAt == null && msg.headers == {}')
  expect(filter.passes({}, bare, 's')).toBe(true)
})

test('an expression gives the value; absent is null; a 64-bit integer stays exact', () => {
  expect(value('candid')).toBe(2982177112815010003n)
  expect(value('candid - 2982177112815010000')).toBe(3)
  expect(value('candid / 2')).toBe(1491088556407505000)
  expect(value('absent.deeper')).toBe(null)
  expect(value('objectId + "/" + string(candidate.fid)')).toBe('ZTF18abcdefg/1')
  expect(value('9223372036854775807 + 1')).toBe(2 ** 63)
  expect(value('msg')).toMatchObject({ topic: message.topic, stream: 'ztf' })
  expect(compileExpression(' candid ').source).toBe(' candid ')
})

test('what null, absent and NaN decide is counted', () => {
  const rows: readonly (readonly [string, number])[] = [
    ['candidate.drb > 0.8', 0],
    ['candidate.rb > 0.8', 1],
    ['absent != 1', 1],
    ['nan == 1', 1],
    ['nothing in tags', 1],
    ['nothing && flag', 1],
    ['nothing', 1],
    ['nothing == null', 0],
    ['has(absent)', 0],
    ['candidate.rb > 0.8 || absent.x < 1', 2],
    ['candidate.drb < 0.8 && absent.x < 1', 0],
    ['prv_candidates.exists(p, p.magpsf < 18)', 1]
  ]
  for (const [source, count] of rows) expect([source, nulls(source)]).toEqual([source, count])
  const filter = compileFilter('candidate.rb > 0.5')
  for (let i = 0; i < 3; i++) filter.passes(payload, message, 'ztf')
  expect(filter.nulls).toBe(3)
})

test.each([
  ['candidate.drb > "a"', 'int and string'],
  ['candidate.drb.deeper == 1', 'double has no field deeper'],
  ['candidate.drb', 'a bool is needed, not double'],
  ['objectId - 1 > 2', 'string - int'],
  ['tags.startsWith("a")', 'startsWith() does not take (list, string)'],
  ['candidate.exists(p, p == 1)', 'exists() goes over a list, not map'],
  ['small % 0 == 1', '% by zero'],
  ['size(empty) / size(empty) == 1', '/ by zero'],
  ['tags["x"] == 1', 'list has no field x'],
  ['objectId && flag', 'a bool is needed, not string'],
  ['int(objectId) > 1', 'int']
])('%s fails with FILTER_FAILED', (source, reason) => {
  const expected = { code: 'FILTER_FAILED', message: expect.stringContaining(source) as string }
  expect(() => passes(source)).toThrow(expect.objectContaining(expected))
  if (source !== 'candidate.drb > "a"') expect(() => passes(source)).toThrow(reason)
})

test('a watch list of thousands of names and ids', () => {
  const names = Array.from({ length: 5000 }, (_, i) => `"ZTF18${i}"`).join(', ')
  const ids = Array.from({ length: 5000 }, (_, i) => 2982177112815005003n + BigInt(i)).join(', ')
  expect(passes(`objectId in [${names}]`)).toBe(false)
  expect(passes(`objectId in [${names}, "ZTF18abcdefg"]`)).toBe(true)
  expect(passes(`candid in [${ids}]`)).toBe(false)
  expect(passes(`candid in [${ids}, 2982177112815010003]`)).toBe(true)
})

test('a record may be an instance of a class, whose methods are no fields', () => {
  class Candidate {
    readonly drb = 0.9
    clone() {
      return this
    }
  }
  const given = Object.assign(new Candidate(), { candidate: new Candidate() })
  expect(passes('drb > 0.8 && candidate.drb > 0.8 && clone == null && candidate.clone == null', given)).toBe(true)
})
