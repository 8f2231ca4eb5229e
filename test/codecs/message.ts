import type { Headers, Message } from '../../src/contract/alert.ts'

export function messageOf(bytes: Uint8Array | string | null, headers: Record<string, string> = {}): Message {
  const value = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  return {
    topic: 'ztf_20250302_programid1',
    id: 'ztf_20250302_programid1/0/1',
    partition: 0,
    offset: '1',
    key: null,
    headers: Object.entries(headers).map(([name, text]): Headers[number] => [name, Buffer.from(text)]),
    publishedAt: new Date('2025-03-02T04:16:00Z'),
    bytes: value,
    size: value?.length ?? 0
  }
}
