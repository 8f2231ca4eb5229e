import { PoolBench } from '../pool-bench.ts'

/** Asks two processes, writes their numbers while one of them is at work, and waits to be killed. */
const script = `
import os, time
def handle(alert):
    if alert["do"] == "sleep":
        time.sleep(1000)
    return os.getpid()
`
const program = `import alertstreams\n${script}\nalertstreams.run(handle)`
const open = () => new PoolBench({ file: '/usr/bin/env', args: ['python3', '-c', program], timeout: 1000 })
const [idle, busy] = [open(), open()]
const pids = [await idle.value('pid'), await busy.value('pid')]
busy.call('sleep').catch(() => undefined)
setTimeout(() => console.log(pids.join(' ')), 200)
setInterval(() => {}, 1000)
