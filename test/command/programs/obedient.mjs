// Speaks the protocol by hand, and does to each alert what its field `do` says. Arguments: what it does at its start.
import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const write = (text) => process.stdout.write(text)
const say = (value) => write(`${JSON.stringify(value)}\n`)
let calls = 0
const staying = ['stubborn', 'silent'].includes(process.argv[2])

const deeds = {
  echo: ({ call, alert, message, options }) => say({ call, publish: [{ value: { alert, message, options } }] }),
  raw: ({ call }, line) => say({ call, publish: [{ base64: Buffer.from(line).toString('base64') }] }),
  count: ({ call }) => say({ call, publish: [{ value: { pid: process.pid, calls } }] }),
  nothing: ({ call }) => say({ call }),
  republish: ({ call }) => say({ call, republish: true }),
  error: ({ call }) => say({ call, error: 'no light curve', traceback: 'at line 3 of fit.py' }),
  slow: ({ call, alert }) => setTimeout(() => say({ call, publish: [{ value: process.pid }] }), alert.ms),
  exit: () => {
    console.error('the first line')
    process.stderr.write('the last line, without an end', () => process.exit(3))
  },
  kill: () => process.kill(process.pid, 'SIGKILL'),
  hang: () => {},
  busy: () => {
    for (;;);
  },
  garbage: () => write('Traceback (most recent call last)\n'),
  bytes: () => process.stdout.write(Buffer.from([0xff, 0xfe, 0x0a])),
  other: ({ call }) => say({ call: call - 1 }),
  misspelt: ({ call }) => say({ call, publsh: [] }),
  two: ({ call }) => write(`${JSON.stringify({ call })}\n${JSON.stringify({ call })}\n`),
  late: ({ call }) => {
    say({ call })
    setTimeout(() => write('and one more thing\n'), 50)
  },
  long: () => write('x'.repeat(17 * 1024 * 1024)),
  'answer and exit': ({ call }) => process.stdout.write(`${JSON.stringify({ call })}\n`, () => process.exit(0)),
  // A child that holds our outputs open.
  parent: ({ call }) => {
    const child = spawn('sleep', ['1000'], { stdio: 'inherit' })
    say({ call, publish: [{ value: child.pid }] })
  }
}

const [start, file] = process.argv.slice(2)
if (start === 'fail') {
  console.error('No module named sncosmo')
  process.exit(1)
}
if (start === 'chat') console.log('hello')
if (start === 'stubborn') process.on('SIGTERM', () => {})
if (file) appendFileSync(file, `${process.pid}\n`)
if (start !== 'silent') say({ ready: true })
createInterface({ input: process.stdin })
  .on('line', (line) => {
    calls++
    const request = JSON.parse(line)
    deeds[request.alert.do](request, line)
  })
  .on('close', () => staying || process.exit(0))
setInterval(() => {}, 1000)
