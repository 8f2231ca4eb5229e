import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codecOf } from '../src/codecs/usual.ts'
import { type ZtfAlert, ztfAlerts } from '../src/generate/index.ts'
import { hasPython } from './command/python.ts'
import { blocksOf } from './docs/blocks.ts'
import { Installed } from './package/installed.ts'
import { olderNode } from './package/older-node.ts'
import { describeKafka, kafka, newTopic, produce, readTopic } from './setup/services.ts'

const root = join(import.meta.dirname, '..')
let project: Installed

beforeAll(async () => {
  project = await Installed.make()
}, 400_000)
afterAll(() => project?.remove())

const jsonIn = (name: string) => JSON.parse(readFileSync(join(project.folder, name), 'utf8'))

describe('the installed package', () => {
  test('has what it needs and no tests or sources', () => {
    const installed = join(project.folder, 'node_modules/alertstreams')
    const texts = ['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md']
    const expected = [...texts, 'bin', 'config', 'dist', 'docs', 'package.json']
    expect(readdirSync(installed).toSorted()).toEqual(expected)
    expect(readdirSync(join(installed, 'dist')).toSorted()).toEqual(['handlers', 'src', 'test'])
    expect(readdirSync(join(installed, 'dist/test'))).toEqual(['contract'])
    expect(readdirSync(join(installed, 'dist/handlers/python/alertstreams'))).not.toContain('__pycache__')
  })

  test('pins what it depends on', () => {
    const { dependencies } = jsonIn('node_modules/alertstreams/package.json')
    for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  })

  test('says its version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(await project.run('alertstreams', ['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  test('runs the demo from a copy of its configuration, without any warning of Node', async () => {
    cpSync(join(project.folder, 'node_modules/alertstreams/config'), join(project.folder, 'config'), {
      recursive: true
    })
    const args = ['run', 'config/demo.yaml', '--account', 'account.json']
    const { code, stderr } = await project.run('alertstreams', args)
    expect(code, stderr).toBe(0)
    expect(stderr).not.toMatch(/warning/i)
    const { balanced, streams } = jsonIn('account.json')
    expect(balanced).toBe(true)
    expect(streams['pitt-google'].topics['ztf-loop']).toMatchObject({ received: 100, deadLettered: 1 })
    expect(streams.hopskotch.topics['sys.heartbeat']).toMatchObject({ handled: 60 })
  })

  test.skipIf(!hasPython)('runs handlers in Python (skipped where there is none)', async () => {
    const route = { HANDLER: { COMMAND: ['python3', '-m', 'alertstreams', 'fit.py'] }, SINKS: 'out' }
    const OPTIONS = { PATH: 'config/demo/ztf-loop', TOPIC_HANDLERS: { 'ztf-loop': route } }
    const SINKS = { out: { NAME: 'FileSink', OPTIONS: { PATH: 'out.ndjson', FORMAT: 'payload' } } }
    const stream = { NAME: 'ArchiveAlertStream', OPTIONS, ON_FAILURE: 'skip' }
    project.write('python.yaml', JSON.stringify({ ALERT_STREAMS: [stream], SINKS }))
    project.write('fit.py', 'def handle(alert):\n    return alert["candid"]\n')
    const { code, stderr } = await project.run('alertstreams', ['run', 'python.yaml'])
    expect(code, stderr).toBe(0)
    const lines = readFileSync(join(project.folder, 'out.ndjson'), 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(99)
    for (const line of lines) expect(line).toMatch(/^\d{19}$/)
  })

  test('checks configurations: its example is good, and what is wrong has line and column', async () => {
    const good = await project.run('alertstreams', ['check', 'config/example.yaml'])
    expect(good, good.stderr).toMatchObject({ code: 0 })
    project.write('bad.yaml', 'ALERT_STREAMS:\n  - NAME: HopskochAlertStream\n')
    const bad = await project.run('alertstreams', ['check', 'bad.yaml'])
    expect(bad.code).toBe(2)
    expect(bad.stderr).toMatch(/bad\.yaml:2:11/)
    expect(bad.stderr).toMatch(/did you mean HopskotchAlertStream/)
  })

  test('says why it runs no TypeScript inside node_modules', async () => {
    const { code, stderr } = await project.run('alertstreams', ['check', 'node_modules/alertstreams/config/demo.yaml'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/copy the YAML file and its handlers/)
  })
})

describe("a user's TypeScript", () => {
  beforeAll(() => {
    project.borrow('vitest', '@types/node')
    const blocks = ['README.md', 'CONTRIBUTING.md'].flatMap(blocksOf)
    for (const { file, language, text } of blocks) if (file && language === 'ts') project.write(file, text)
  })

  test('type-checks against the declarations', { timeout: 60_000 }, async () => {
    // As `tsc --init` and Node's documentation have it; the declarations themselves are checked too.
    const compilerOptions = { strict: true, noEmit: true, module: 'nodenext', target: 'esnext', skipLibCheck: false }
    const more = { allowImportingTsExtensions: true, erasableSyntaxOnly: true, types: ['node'] }
    const options = { ...compilerOptions, ...more }
    project.write('tsconfig.json', JSON.stringify({ compilerOptions: options, include: ['handlers', 'sinks'] }))
    const tsc = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', project.folder], { encoding: 'utf8' })
    expect(tsc.stdout.split('\n').filter((line) => !line.startsWith('node_modules/@types/'))).toEqual([''])
  })

  test('runs our contract suite on a sink of its own', { timeout: 60_000 }, async () => {
    project.write('package.json', JSON.stringify({ ...jsonIn('package.json'), type: 'module' }))
    const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=json', '--outputFile=report.json']
    const ran = spawnSync(process.execPath, args, { cwd: project.folder, env: project.environment, encoding: 'utf8' })
    expect(ran.status, ran.stdout + ran.stderr).toBe(0)
    expect(jsonIn('report.json').numPassedTests).toBeGreaterThan(8)
  })
})

describeKafka("a stranger's handler", () => {
  let program: ChildProcess | undefined
  afterAll(() => program?.kill('SIGKILL'))

  test('relays filtered alerts from one topic to another', { timeout: 60_000 }, async () => {
    const [input, output] = [await newTopic('alerts', 2), await newTopic('bright')]
    const yaml = `ALERT_STREAMS:
  - NAME: HopskotchAlertStream
    OPTIONS:
      URL: \${BROKER}
      GROUP_ID: stranger-${input}
      START_POSITION: EARLIEST
      TOPIC_HANDLERS:
        ${input}: { FILTER: candidate.drb > 0.8, HANDLER: ./bright.ts, SINKS: bright }
SINKS:
  bright: { NAME: KafkaSink, OPTIONS: { URL: '\${BROKER}', TOPIC: ${output} } }
`
    const handler = `import type { Handler } from 'alertstreams'
type Ztf = { candidate: { magpsf: number } }
const bright: Handler<Ztf> = async (alert) =>
  (await alert.payload()).candidate.magpsf < 18.5 ? alert : undefined
export default bright
`
    expect(yaml.trimEnd().split('\n').length).toBeLessThanOrEqual(10)
    expect(handler.trimEnd().split('\n').length).toBeLessThanOrEqual(5)
    project.write('alertstreams.yaml', yaml)
    project.write('bright.ts', handler)

    const packets = [...ztfAlerts(8).take(60)].map(({ bytes }) => Buffer.from(bytes))
    await produce(
      input,
      packets.map((value, n) => ({ value, partition: n % 2 }))
    )
    const wanted = packets.filter(isWanted)
    expect(wanted.length).toBeGreaterThan(5)
    const bin = join(project.folder, 'node_modules/.bin/alertstreams')
    const env = { ...project.environment, BROKER: kafka()!.plaintext }
    program = spawn(bin, ['run', '--account', 'account.json'], { cwd: project.folder, env })
    let said = ''
    program.stderr?.on('data', (data) => (said += data))
    const exited = once(program, 'exit')
    const received = await readTopic(output, { count: wanted.length, timeoutMs: 30_000 })
    program.kill('SIGTERM')
    expect(await exited, said).toEqual([0, null])

    expect(received.length, said).toBe(wanted.length)
    const digests = (values: readonly (Buffer | null)[]) => values.map((value) => hash('sha256', value!)).toSorted()
    expect(digests(received.map(({ value }) => value))).toEqual(digests(wanted))
    const row = jsonIn('account.json').streams['hopskotch-alert-stream'].topics[input]
    expect(row).toMatchObject({ received: packets.length, delivered: wanted.length, deadLettered: 0 })
  })
})

/** What the configuration and the handler of the stranger let through. */
function isWanted(value: Buffer): boolean {
  const message = { topic: '', id: '', partition: 0, offset: '0', key: null, headers: [], publishedAt: undefined }
  const { candidate } = codecOf('avro').decode({ ...message, bytes: value, size: value.length }) as ZtfAlert
  return candidate.drb !== null && candidate.drb > 0.8 && candidate.magpsf < 18.5
}

describe('the launcher', () => {
  const older = olderNode()
  test.skipIf(older === undefined)('on an older Node (skipped where there is none) says what it needs', () => {
    const { status, stdout, stderr } = spawnSync(older!, ['bin/alertstreams.js', 'run'], {
      cwd: root,
      encoding: 'utf8'
    })
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^alertstreams needs Node 24 or newer, and this is Node [\d.]+: [^\n]+\.\n$/)
  })
})
