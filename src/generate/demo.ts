import { lineOf } from '../archive/message-line.ts'
import { notices } from './notices.ts'
import { ztfAlerts } from './ztf.ts'

/** A file of the demo, relative to its folder. */
export interface DemoFile {
  readonly name: string
  readonly bytes: Uint8Array
}

const PACKETS = 100
const NOTICES = 300
/** The packet that comes to grief, and how much of it is left. */
const BROKEN = { number: 37, bytes: 2000 }

/** Everything that the demo reads: a folder of Avro packets, one of them cut short, and a file of messages. */
export function demoFiles(): readonly DemoFile[] {
  const packets = [...ztfAlerts(20_250_302).take(PACKETS)].map(({ alert, bytes }, number) => ({
    name: `ztf-loop/${alert.candid}.avro`,
    bytes: number === BROKEN.number ? bytes.slice(0, BROKEN.bytes) : bytes
  }))
  const lines = notices(1)
    .take(NOTICES)
    .map((notice) => {
      const message = { ...notice, id: '', partition: 0, key: null, size: notice.bytes.length }
      const source = { message, stream: '', route: undefined, payload: () => undefined }
      return lineOf(source, { key: null, headers: notice.headers, bytes: notice.bytes })
    })
  return [...packets, { name: 'hopskotch.ndjson', bytes: Buffer.from([...lines].join('')) }]
}
