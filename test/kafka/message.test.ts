import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KafkaMessage as RawMessage } from 'kafkajs'
import { expect, onTestFinished, test } from 'vitest'
import { KafkaMessage } from '../../src/kafka/message.ts'
import { FileSink } from '../../src/sinks/file.ts'
import { sinkSetup, sourceOf, writeAll } from '../contract/sink-bench.ts'
import { readOptions } from './options.ts'

const raw = (timestamp: string): RawMessage => ({
  timestamp,
  key: null,
  value: Buffer.from('{}'),
  headers: {},
  offset: '7',
  attributes: 0
})

test.each([
  ['milliseconds', '1740888903004', '2025-03-02T04:15:03.004Z'],
  ['none', '-1', undefined],
  ['nanoseconds, which no clock has', '1740888903004000000', undefined]
])('a record with a time of %s can be kept in a file', async (_, timestamp, expected) => {
  const folder = mkdtempSync(join(tmpdir(), 'alertstreams-kafka-message-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const message = new KafkaMessage('ztf', 0, raw(timestamp))
  const sink = new FileSink(readOptions(FileSink.fields, { PATH: `${folder}/kept.ndjson` }), sinkSetup())
  await sink.connect(AbortSignal.timeout(5_000))
  const source = { ...sourceOf(), message }
  expect(await writeAll(sink, [sink.place({ value: message.bytes }, source)])).toEqual([])
  await sink.close()
  expect(JSON.parse(readFileSync(join(folder, 'kept.ndjson'), 'utf8')).timestamp).toBe(expected)
})
