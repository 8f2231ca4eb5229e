import { expect, test } from 'vitest'
import { readStored, writeUpload } from '../../../src/codecs/offload/document.ts'
import { isAllowed } from '../../../src/codecs/offload/hosts.ts'
import { ScramClient } from '../../../src/codecs/offload/scram.ts'
import { estimatedSize } from '../../../src/codecs/offload/upload.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')

const id = hex('24d66f476d564ded97e77c1c8f1156e9')
const message = {
  bytes: Buffer.from('{"a":1}'),
  headers: [
    ['_id', id],
    ['_format', Buffer.from('json')]
  ] as const,
  key: null
}

const upload = hex(`
  76000000 05 6d65737361676500 07000000 00 7b2261223a317d
  04 6865616465727300 53000000
     04 3000 28000000 02 3000 04000000 5f696400 05 3100 10000000 00 24d66f476d564ded97e77c1c8f1156e9 00
     04 3100 20000000 02 3000 08000000 5f666f726d617400 05 3100 04000000 00 6a736f6e 00
  00 00`)

const answer = hex(`
  98000000056d6573736167650007000000007b2261223a317d036d65746164617461007400000004686561646572730053000000
  04300028000000023000040000005f69640005310010000000 0024d66f476d564ded97e77c1c8f1156e900
  0431002000000002300008000000 5f666f726d6174000531000400000000 6a736f6e00 00
  1274696d657374616d70007b68e5cf8b010000 00 00`)

test('an upload, byte for byte', () => {
  expect(upload).toHaveLength(118)
  expect(writeUpload(message)).toEqual(upload)
  expect(
    Buffer.from(writeUpload({ ...message, key: Buffer.from('k') })).includes(hex('05 6b657900 01000000 00 6b'))
  ).toBe(true)
})

test('both layouts of what is fetched', () => {
  const plain = (stored: ReturnType<typeof readStored>) => ({
    ...stored,
    bytes: Buffer.from(stored.bytes),
    headers: stored.headers.map(([name, value]) => [name, Buffer.from(value!)])
  })
  expect(answer).toHaveLength(152)
  expect(plain(readStored(answer))).toEqual({ ...message, timestamp: 1_700_000_000_123 })
  expect(plain(readStored(upload))).toEqual({ ...message, timestamp: undefined })
})

test('the size that clients reckon with', () => {
  const headers = [
    ['_id', id],
    ['_sender', Buffer.from('scimma-u')],
    ['_format', Buffer.from('json')]
  ] as const
  expect(estimatedSize({ bytes: Buffer.from('{"a": 1}'), headers, key: null })).toBe(129)
  expect(estimatedSize({ bytes: Buffer.from('{"a": 1}'), headers, key: Buffer.from('key') })).toBe(132)
})

test('SCRAM-SHA-512, byte for byte', async () => {
  const credentials = { username: 'user-1234abcd', password: 'pencil', mechanism: 'SCRAM-SHA-512' }
  const scram = new ScramClient(credentials, 'fyko+d2lbbFgONRv9qkxdawL')
  expect(Buffer.from(scram.first()).toString('base64')).toBe(
    'biwsbj11c2VyLTEyMzRhYmNkLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM'
  )
  const serverFirst = 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=MDEyMzQ1Njc4OWFiY2RlZg==,i=4096'
  expect(await scram.final(serverFirst)).toBe(
    'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=nmRexnI3cGFdUQwLtHXj9vv3SjelyZnLHvP/lYhnkV6kQ22VSO/ksk7T9d2ZWsPbAt7tynrXHj8mKaVNMIsndg=='
  )
  const serverFinal = 'v=se+X/dbTqzaoBk2+h3iRZr5nxUzy0n8xW4kWHeRhkUnakJZ4r3w9/7e2hEZQiZQb3iFFGYcnWpJHL1sOh4jgFA=='
  expect(() => scram.verify(serverFinal)).not.toThrow()
  expect(() => scram.verify(serverFinal.replace('se+X', 'sd+X'))).toThrow(/knows the password/)
  expect(() => scram.verify('e=other-error')).toThrow(/other-error/)
})

test('SCRAM: the exchange of RFC 7677, and answers that are not for us', async () => {
  const scram = new ScramClient(
    { username: 'user', password: 'pencil', mechanism: 'SCRAM-SHA-256' },
    'rOprNGfwEbeRWgbNEkqO'
  )
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
  const salt = 's=W22ZaJ0SNY7soEsUEjb6gQ=='
  expect(await scram.final(`r=${nonce},${salt},i=4096`)).toBe(
    `c=biws,r=${nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`
  )
  for (const answer of [`r=other,${salt},i=4096`, `r=${nonce},${salt},i=4294967296`, `r=${nonce},${salt}`, 'rOpr']) {
    await expect(scram.final(answer)).rejects.toThrow(/nonce|iterations/)
  }
  const named = new ScramClient({ username: 'a=b,c', password: 'x', mechanism: 'SCRAM-SHA-256' }, 'n')
  expect(named.first()).toBe('n,,n=a=3Db=2Cc,r=n')
})

test.each([
  ['https://scimma.org/msg/1', true],
  ['https://archive.example.scimma.org/msg/1', true],
  ['https://SCIMMA.ORG/msg/1', true],
  ['https://scimma.org:443/msg/1', true],
  ['https://named.example.org/msg/1', true],
  ['http://named.example.org/msg/1', true],
  ['http://127.0.0.1:8080/msg/1', true],
  ['http://service.example.org:81/msg/1', true],
  ['http://scimma.org/msg/1', false],
  ['https://scimma.org:8443/msg/1', false],
  ['https://evilscimma.org/', false],
  ['https://scimma.org.evil.example/', false],
  ['https://user@scimma.org/', false],
  ['https://scimma.org:x@evil.example/', false],
  ['https://named.example.org:444/', false],
  ['http://127.0.0.1/', false],
  ['http://[::1]:8080/', false],
  ['http://169.254.169.254/latest/meta-data', false],
  ['http://localhost:8080/', false],
  ['https://service.example.org:81/', false],
  ['file:///etc/passwd', false],
  ['data:application/bson,x', false],
  ['scimma.org/msg/1', false],
  ['', false]
])('%s may be fetched from: %s', (url, allowed) => {
  const hosts = ['Named.example.org', 'http://127.0.0.1:8080/']
  expect(isAllowed(url, hosts, 'http://service.example.org:81')).toBe(allowed)
})
