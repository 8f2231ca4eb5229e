import { describe, expect, test } from 'vitest'
import { isReady, readAnswer } from '../../src/command/answer.ts'
import { alertOf } from './pool-bench.ts'

const alert = alertOf({})
const read = (text: string | Buffer) => readAnswer(Buffer.from(text), 7, alert)

describe('an answer', () => {
  test.for([
    ['{"call":7}', []],
    ['{"call":7,"publish":[]}', []],
    ['{"call":7,"republish":true}', alert],
    ['{"call":7,"republish":false}', []],
    ['{"call":7,"publish":[{"republish":true},{"value":null}]}', [alert, { value: null }]],
    ['{"call":7,"publish":[{"value":9007199254740993}]}', [{ value: 9007199254740993n }]],
    ['{"call":7,"publish":[{"value":[NaN,-Infinity]}]}', [{ value: [Number.NaN, Number.NEGATIVE_INFINITY] }]],
    ['{"call":7,"publish":[{"base64":"AAH/"}]}', [{ value: Buffer.from([0, 1, 255]) }]],
    [
      '{"call":7,"publish":[{"value":1,"key":"k","topic":"t","sink":"s","partition":2,"headers":[["a","b"],["a",null]]}]}',
      [
        {
          value: 1,
          key: 'k',
          topic: 't',
          sink: 's',
          partition: 2,
          headers: [
            ['a', 'b'],
            ['a', null]
          ]
        }
      ]
    ],
    [
      '{"call":7,"publish":[{"value":1,"key":{"base64":"/w=="},"headers":{"a":{"base64":""}}}]}',
      [{ value: 1, key: Buffer.from([255]), headers: [['a', Buffer.alloc(0)]] }]
    ],
    ['{"call":7,"publish":[{"value":1,"key":null}]}', [{ value: 1, key: null }]]
  ] as const)('%s is a result', ([text, result]) => {
    expect(read(text)).toEqual({ result })
  })

  test('may say that it failed', () => {
    expect(read('{"call":7,"error":"no","traceback":"line 1"}')).toEqual({ error: 'no', traceback: 'line 1' })
    expect(read('{"call":7,"error":"no","traceback":null}')).toEqual({ error: 'no', traceback: undefined })
  })

  test.for([
    ['', /Unexpected end/],
    ['[]', /the answer is not an object/],
    ['{}', /it has "call": null and not 7/],
    ['{"call":"7"}', /it has "call": "7" and not 7/],
    ['{"call":7,"publish":{}}', /publish is not a list/],
    ['{"call":7,"republish":true,"publish":[{"value":1}]}', /publish cannot stand beside republish: true/],
    ['{"call":7,"publish":[{"republish":true,"sink":"plots"}]}', /sink cannot stand beside republish: true/],
    ['{"call":7,"publish":[{"value":1,"base64":"AA=="}]}', /value and base64 are both given/],
    ['{"call":7,"publish":[1]}', /an item of publish is not an object/],
    ['{"call":7,"publish":[{}]}', /has neither value nor base64 nor republish/],
    ['{"call":7,"publish":[{"value":1,"keys":"k"}]}', /keys is not known in an item of publish/],
    ['{"call":7,"publish":[{"base64":"A"}]}', /base64 is not base64/],
    ['{"call":7,"publish":[{"value":1,"key":5}]}', /key is not an object/],
    ['{"call":7,"publish":[{"value":1,"topic":5}]}', /topic is not text/],
    ['{"call":7,"publish":[{"value":1,"partition":"0"}]}', /partition is not a number/],
    ['{"call":7,"publish":[{"value":1,"headers":[["a"]]}]}', /a header is not \[name, value\]/],
    ['{"call":7,"republish":1}', /republish is not true or false/],
    ['{"call":7,"error":{}}', /error is not text/]
  ] as const)('%s is none', ([text, reason]) => {
    expect(() => read(text)).toThrow(reason)
  })

  test('must be UTF-8', () => {
    expect(() => read(Buffer.from('7b2263616c6c223a372c226572726f72223a22ff227d', 'hex'))).toThrow(/not valid/)
  })
})

test('a program is ready when it says so, and then only', () => {
  const ready = (text: string) => isReady(Buffer.from(text))
  expect(['{"ready": true}', '{"version":1,"ready":true}'].map(ready)).toEqual([true, true])
  expect(['{"ready":1}', 'true', 'null', 'ready', ''].map(ready)).toEqual([false, false, false, false, false])
})
