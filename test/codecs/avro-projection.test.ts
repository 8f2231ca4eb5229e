import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import { fieldsOf, valueAt } from '../contract/codec.ts'
import { avscContainer, containerOf, zigZag } from './container.ts'
import { candidateContainer, candidateRecord } from './candidate.ts'
import { messageOf } from './message.ts'
import { anySample } from './random-avro.ts'

const avro = codecOf('avro')

describe('any schema and value', () => {
  test('the full decode is what avsc wrote', () => {
    fc.assert(
      fc.property(anySample, ({ schema, written, read }) => {
        expect(avro.decode(messageOf(avscContainer(schema, [written])))).toEqual(read)
      }),
      { numRuns: 400 }
    )
  })

  test('each field, and any set of fields, is what the full decode has there', () => {
    const picked = anySample.chain((sample) => fc.tuple(fc.constant(sample), fc.subarray([...fieldsOf(sample.read)])))
    fc.assert(
      fc.property(picked, ([{ schema, written, read }, paths]) => {
        const message = messageOf(avscContainer(schema, [written]))
        const part = avro.decode(message, paths)
        for (const path of paths) {
          expect(valueAt(part, path)).toEqual(valueAt(read, path))
          expect(valueAt(avro.decode(message, [path]), path)).toEqual(valueAt(read, path))
        }
      }),
      { numRuns: 400 }
    )
  })
})

describe('a projection', () => {
  const decode = (...fields: string[][]) => avro.decode(messageOf(candidateContainer()), fields)

  test('holds nothing else', () => {
    expect(decode(['candidate', 'fid'], ['candid'])).toStrictEqual({
      candid: 2982177112815010003n,
      candidate: { fid: 2 }
    })
    expect(decode(['prv_candidates', 'magpsf'])).toStrictEqual({ prv_candidates: [{ magpsf: null }, { magpsf: 15.5 }] })
    expect(decode()).toStrictEqual({})
  })

  test('a path that is the beginning of another counts', () => {
    expect(decode(['candidate', 'fid'], ['candidate'])).toEqual({ candidate: candidateRecord.candidate })
    expect(decode(['candidate'], ['candidate', 'fid'])).toEqual({ candidate: candidateRecord.candidate })
    expect(decode([])).toEqual(candidateRecord)
  })

  test('a field that the schema has not is absent; one below a number is that number', () => {
    expect(decode(['drb'], ['candidate', 'rb'])).toStrictEqual({ candidate: {} })
    expect(decode(['candid', 'digits'])).toStrictEqual({ candid: 2982177112815010003n })
  })

  test('thousands of paths below one field cost no more than their number', () => {
    const paths = Array.from({ length: 3000 }, (_, n) => ['candidate', 'a', 'b', 'c', 'd', `field${n}`])
    const before = process.cpuUsage()
    expect(decode(...paths)).toStrictEqual({ candidate: {} })
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000)
  })

  test('a map is read whole', () => {
    expect(decode(['tags', 'new'])).toEqual({ tags: { new: true, bright: false } })
  })

  test('of several records is each of them', () => {
    const fields = [['objectId']]
    const records = avro.decode(messageOf(candidateContainer('null', 2)), fields)
    expect(records).toEqual([candidateRecord, candidateRecord])
  })

  test('follows a record into itself as far as the path goes', () => {
    const next = { name: 'next', type: ['null', 'node'] }
    const node = {
      type: 'record',
      name: 'node',
      fields: [{ name: 'id', type: 'int' }, next, { name: 'end', type: 'int' }]
    }
    const bytes = Buffer.concat([1, 1, 2, 1, 3, 0, 30, 20, 10].map(zigZag))
    const message = messageOf(containerOf(node, [{ records: 1, bytes }]))
    expect(
      avro.decode(message, [
        ['next', 'id'],
        ['next', 'next', 'end']
      ])
    ).toStrictEqual({ next: { id: 2, next: { end: 30 } } })
    expect(avro.decode(message, [['end']])).toStrictEqual({ end: 10 })
  })
})
