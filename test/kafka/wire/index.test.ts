import { execFile } from 'node:child_process'
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { producerHeaders } from '../../../src/kafka/wire/headers.ts'
import { headersFor, kafkajs, patchKafkajs } from '../../../src/kafka/wire/index.ts'
import { loadPart, replace } from '../../../src/kafka/wire/replacement.ts'

const file = 'utils/once.js'
const once = loadPart(file)
const path = createRequire(import.meta.url).resolve(`kafkajs/src/${file}`)
const fitting = { what: 'a test', file, sha256: hash('sha256', readFileSync(path)), heldBy: [], make: () => 'ours' }

describe('replacing parts of kafkajs', () => {
  test('is complete here, and may be asked for again', () => {
    expect(patchKafkajs()).toEqual([])
    expect(patchKafkajs({ batchLimit: 2 ** 20 })).toBe(patchKafkajs())
    expect(kafkajs.Kafka).toBe(loadPart('index.js'))
  })

  test('leaves a file alone that is not the known one, is in use, or has no replacement here', () => {
    const fail = () => {
      throw new Error('no native module')
    }
    expect(replace({ ...fitting, sha256: '0' })).toBe("kafkajs' utils/once.js is not the known one")
    expect(replace({ ...fitting, heldBy: ['index.js'] })).toBe("kafkajs' index.js was loaded before")
    expect(replace({ ...fitting, make: fail })).toBe('no native module')
    expect(replace({ ...fitting, file: 'utils/missing.js' })).toContain('missing.js')
    expect(loadPart(file)).toBe(once)
    expect(replace(fitting)).toBe(undefined)
    expect(loadPart(file)).toBe('ours')
    expect(replace({ ...fitting, make: () => once })).toBe(undefined)
  })

  test('is complete in a process that loads the Kafka client', async () => {
    expect(await notApplied('./src/kafka/client.ts')).toEqual([])
  })

  test('says what came too late where kafkajs was loaded before, and goes on with the rest', async () => {
    expect(await notApplied('kafkajs')).toEqual([
      { what: 'requests framed without a copy', why: "kafkajs' network/connection.js was loaded before" },
      { what: 'grouping by partition in linear time', why: "kafkajs' producer/sendMessages.js was loaded before" },
      {
        what: 'finishing what is in hand before a group is joined again',
        why: "kafkajs' consumer/index.js was loaded before"
      }
    ])
  })

  test('headers are sent as pairs, or as the object that an unchanged kafkajs takes', () => {
    const headers = [
      ['b', Buffer.from('1')],
      ['a', null],
      ['b', Buffer.from('2')]
    ] as const
    expect(headersFor(headers)).toBe(headers)
    expect(producerHeaders(headers, false)).toEqual({ b: [Buffer.from('1'), Buffer.from('2')], a: [Buffer.alloc(0)] })
  })
})

/** What could not be replaced in a new process that loads this module first. */
async function notApplied(first: string): Promise<unknown> {
  const program = `
    await import('${first}')
    const { patchKafkajs } = await import('./src/kafka/wire/index.ts')
    console.log(JSON.stringify(patchKafkajs()))`
  const cwd = new URL('../../..', import.meta.url)
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { cwd })
  return JSON.parse(stdout)
}
