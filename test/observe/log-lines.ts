import { createLog } from '../../src/observe/log.ts'

/** Writes what the test asks for to standard error, as a process of its own: node log-lines.ts FORMAT SECRET */
const [format, secret = ''] = process.argv.slice(2)
const root = createLog('debug', [secret], {
  format: format as 'auto' | 'text' | 'json' | 'gcp',
  nameOf: (stream, topic) => (stream === 'night' ? `${topic ?? 'all of it'}-sub` : undefined)
})
root.info({ version: '1' }, 'starts')
const stream = root.child({ stream: 'night' })
stream.debug('looks')
const alert = stream.child({ topic: 'ztf-loop', alert: 'a/1' })
alert.warn({ code: 'DECODE_FAILED', attempts: 2, id: 9007199254740993n }, `dead letter: ${secret} in "quotes"`)
stream.error({ stack: new Error(`handler broke on ${secret}`).stack }, 'stream failed')
root.child({ sink: 'out', member: 1 }).error({ err: new Error(`cannot write as ${secret}`) }, 'unavailable')
root.child({ stream: 'replay' }).error('stands still')
