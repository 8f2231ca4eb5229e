import { expect, test } from 'vitest'
import { until, Workplace } from '../end-to-end/program.ts'
import { isAlive } from './pool-bench.ts'
import { describePython } from './python.ts'

/** Says its number, and takes its time. */
const HANDLER = `
import os, time
def handle(alert):
    open("pid", "w").write(str(os.getpid()))
    time.sleep(alert["seconds"])
    return alert["seconds"]
`

function place(seconds: number): Workplace {
  const route = { HANDLER: { COMMAND: ['python3', '-m', 'alertstreams', 'slow.py'] }, SINKS: 'out' }
  const OPTIONS = { PATH: 'in.ndjson', TOPIC_HANDLERS: { a: route } }
  const line = JSON.stringify({ topic: 'a', value: Buffer.from(JSON.stringify({ seconds })).toString('base64') })
  return new Workplace(
    {
      ALERT_STREAMS: [{ NAME: 'ArchiveAlertStream', ID: 'night', OPTIONS }],
      SINKS: { out: { NAME: 'FileSink', OPTIONS: { PATH: 'out.ndjson', FORMAT: 'payload' } } }
    },
    { 'in.ndjson': `${line}\n`.repeat(3), 'slow.py': HANDLER }
  )
}

/** The process that handles the first alert. */
async function pidIn(at: Workplace): Promise<number> {
  let pid = 0
  const read = () => {
    try {
      pid = Number(at.read('pid'))
    } catch {
      // Not yet.
    }
    return pid > 0
  }
  await until(read, 'the handler to be called', 30)
  return pid
}

describePython('a program that handles alerts', () => {
  test('finishes what was taken when the run is stopped, and ends before it', { timeout: 60_000 }, async () => {
    await using at = place(1)
    const program = at.start()
    const pid = await pidIn(at)
    program.signal('SIGTERM')
    expect(await program.end(), program.output).toBe(0)
    const { delivered, received, givenBack } = at.account().streams.night!.topics.a!
    expect([delivered + givenBack, delivered > 0]).toEqual([received, true])
    expect(at.read('out.ndjson')).toBe('1\n'.repeat(delivered))
    expect(isAlive(pid)).toBe(false)
  })

  test('is killed when nobody waits any longer, and its alert is given back', { timeout: 60_000 }, async () => {
    await using at = place(1000)
    const program = at.start()
    const pid = await pidIn(at)
    program.signal('SIGTERM')
    await program.line(/^SIGTERM: finishing/)
    program.signal('SIGTERM')
    expect(await program.end(5), program.output).toBe(3)
    expect(at.account().streams.night!.topics.a).toMatchObject({ delivered: 0, deadLettered: 0 })
    expect(at.account().balanced).toBe(true)
    expect(isAlive(pid)).toBe(false)
  })
})
