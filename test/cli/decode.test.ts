import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { lineOf } from '../../src/archive/message-line.ts'
import { decode } from '../../src/cli/decode.ts'
import { valuesOf } from '../../src/cli/records.ts'
import { parseJson } from '../../src/codecs/json-text.ts'
import { codecOf } from '../../src/codecs/usual.ts'
import type { Message } from '../../src/contract/alert.ts'
import { avscType, containerOf } from '../codecs/container.ts'
import { candidateContainer, candidateRecord } from '../codecs/candidate.ts'
import { messageOf } from '../codecs/message.ts'
import { alertstreams, Folder } from './program.ts'

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const shown = { ...candidateRecord, cutout: base64(candidateRecord.cutout), checksum: base64(candidateRecord.checksum) }

function inLine(message: Message): string {
  return lineOf({ message, stream: 's', route: undefined, payload: () => null }, message)
}

test('a packet is a line: the id with all its digits, NaN the word, bytes base64', () => {
  using folder = new Folder()
  writeFileSync(folder.file('alert.avro'), candidateContainer())
  const { code, lines, errors } = alertstreams(['decode', folder.file('alert.avro')])
  expect(errors).toBe('')
  expect(code).toBe(0)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('"candid":2982177112815010003,')
  expect(lines[0]).toContain('"drb":NaN,')
  expect(parseJson(lines[0]!)).toEqual(shown)
})

test('a container file of many records is a line each, also beyond what one message may hold', () => {
  const schema = { type: 'record', name: 'r', fields: [{ name: 'list', type: { type: 'array', items: 'int' } }] }
  const values = Array.from({ length: 30 }, (_, n) => ({ list: Array.from({ length: 20_000 }, () => n) }))
  const bytes = values.map((value) => avscType(schema).toBuffer(value))
  const pairs = bytes.flatMap((one, n) => (n % 2 ? [{ records: 2, bytes: Buffer.concat([bytes[n - 1]!, one]) }] : []))
  const { code, lines, errors } = alertstreams(['decode', '-'], containerOf(schema, pairs))
  expect(errors).toBe('')
  expect(code).toBe(0)
  expect(lines.map((line) => JSON.parse(line))).toEqual(values)
})

test('messages in lines are decoded with their headers, payloads in lines as they are', () => {
  using folder = new Folder()
  const messages = [
    messageOf(candidateContainer('deflate'), { _format: 'avro' }),
    messageOf('{"n":9007199254740993}'),
    messageOf('raw', { _format: 'blob' }),
    messageOf(null)
  ]
  const text = messages.map(inLine).join('')
  writeFileSync(folder.file('night.ndjson'), text)
  for (const ended of [alertstreams(['decode', folder.file('night.ndjson')]), alertstreams(['decode', '-'], text)]) {
    expect(ended.errors).toBe('')
    expect(ended.lines.map((line) => parseJson(line))).toEqual([
      shown,
      { n: 9007199254740993n },
      base64(Buffer.from('raw')),
      null
    ])
  }
  const payloads = alertstreams(['decode', '-'], '{"a":NaN}\n\n{"a":2}\n')
  expect(payloads.lines).toEqual(['{"a":NaN}', '{"a":2}'])
  expect(alertstreams(['decode', '-'], '{\n "a": 1\n}\n').lines).toEqual(['{"a":1}'])
})

test('what fails is named with reason and remedy, the others are shown, and the exit code is 1', () => {
  using folder = new Folder()
  const { path } = folder
  writeFileSync(folder.file('good.json'), '[1]')
  writeFileSync(folder.file('cut.avro'), candidateContainer().subarray(0, -20))
  writeFileSync(folder.file('some.ndjson'), inLine(messageOf('{"n":1}')) + inLine(messageOf(Buffer.from([250, 1]))))
  const { code, lines, errors } = alertstreams(
    ['decode', 'none.avro', '.', 'cut.avro', 'some.ndjson', 'good.json'],
    '',
    path
  )
  expect(code).toBe(1)
  expect(lines).toEqual(['{"n":1}', '[1]'])
  expect(errors.split('\n')).toEqual([
    'alertstreams decode: none.avro: there is no such file.',
    expect.stringMatching(/^alertstreams decode: \.: this is a folder/),
    expect.stringMatching(/^alertstreams decode: cut\.avro: The message is not valid Avro: /),
    expect.stringMatching(/^alertstreams decode: some\.ndjson, line 2: .*fa 01.*\. Known are/),
    ''
  ])
})

test('--fields leaves all others out, whether or not the codec does', () => {
  const args = ['decode', '-', '--fields', 'objectId,candidate.magpsf,prv_candidates.jd']
  const { objectId, candidate, prv_candidates } = candidateRecord
  const some = {
    objectId,
    candidate: { magpsf: candidate.magpsf },
    prv_candidates: prv_candidates.map(({ jd }) => ({ jd }))
  }
  expect(alertstreams(args, candidateContainer()).lines).toEqual([JSON.stringify(some)])
  expect(alertstreams(args, JSON.stringify({ ...some, more: 1 })).lines).toEqual([JSON.stringify(some)])
})

test('--header, --key and --topic stand for those of the message, and --codec for the one told', () => {
  expect(alertstreams(['decode', '-', '--header', '_format=blob'], '{"a":1}').lines).toEqual([
    JSON.stringify(base64(Buffer.from('{"a":1}')))
  ])
  const limited = alertstreams(
    ['decode', '-', '--codec', '{NAME: avro, MAX_BYTES: 100}'],
    candidateContainer('deflate')
  )
  expect([limited.code, limited.errors]).toEqual([1, expect.stringMatching(/not valid Avro/)])
})

test('a command line that makes no sense is refused', async () => {
  const { code, errors } = alertstreams(['decode', 'x', '--codec', 'avor'])
  expect([code, errors]).toEqual([2, expect.stringMatching(/^alertstreams decode: .*no codec avor; known: .*avro/)])
  const args = (text: string) => decode(['x', ...text.split('|')])
  await expect(decode([])).rejects.toThrow(/name a FILE/)
  await expect(args('--codec|{NAME: avro')).rejects.toThrow(/^--codec: /)
  await expect(args('--codec|{NAME: avro, MAX: 1}')).rejects.toThrow(/MAX is no option of the codec avro/)
  await expect(args('--header|=x')).rejects.toThrow(/NAME=VALUE/)
  await expect(args('--fields|a,,b')).rejects.toThrow(/--fields/)
  await expect(args('--bytes|hex')).rejects.toThrow(/base64, length or skip/)
  await expect(args('--timeout|soon')).rejects.toThrow(/--timeout/)
  await expect(args('--what')).rejects.toThrow(/--what/)
})

test('--help says it all', () => {
  const { code, out } = alertstreams(['decode', '--help'])
  expect(code).toBe(0)
  expect(out.toString()).toMatch(/--codec CODEC[\s\S]*Example: alertstreams decode/)
})

describe('what has to be fetched', () => {
  const asked = { fields: undefined, seconds: 0.05 }

  test('is fetched first', async () => {
    const codec = {
      ...plainJson(),
      prepare: async (message: Message) => ({ ...message, bytes: Buffer.from('"whole"') })
    }
    expect(await valuesOf(codec, messageOf('"part"'), asked).next()).toMatchObject({ value: 'whole' })
  })

  test('is waited for no longer than was said', async () => {
    const prepare = (_message: Message, signal: AbortSignal) =>
      new Promise<Message>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const values = valuesOf({ ...plainJson(), prepare }, messageOf('"part"'), asked)
    await expect(values.next()).rejects.toMatchObject({ code: 'FETCH_FAILED', remedy: expect.any(String) })
  })

  function plainJson() {
    const codec = codecOf('json')
    return { name: 'json', decode: (message: Message) => codec.decode(message), encode: codec.encode }
  }
})
