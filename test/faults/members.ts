import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ConfigSettings, configText } from './config.ts'

/** How a life of the program is meant to end. */
export type Ending = 'none' | 'SIGTERM' | 'SIGKILL'

/** One run of the program, from its start to its exit. */
export interface Life {
  readonly member: number
  readonly number: number
  readonly child: ChildProcess
  readonly exit: Promise<void>
  readonly accountFile: string
  readonly logFile: string
  readonly outputFile: string
  meant: Ending
  /** It has reached the broker: what comes before is no more than a start that was broken off. */
  ready: boolean
  ended: boolean
  code: number | null
  signal: NodeJS.Signals | null
  /** Handler calls under way, as it last said. */
  calls: number
}

export interface MembersSettings extends Omit<ConfigSettings, 'folder'> {
  readonly folder: string
  /** The folder that has bin/alertstreams.js. */
  readonly program: string
  readonly environment: Readonly<Record<string, string>>
}

/** What the program logs once it has the broker's answer. */
const READY = 'reads as group'

/** The member processes of the group: the program as a user runs it. */
export class Members {
  readonly lives: Life[] = []
  /** Deaths that nobody asked for. */
  readonly surprises: string[] = []
  readonly #settings: MembersSettings
  readonly #slots: (Life | undefined)[] = [undefined, undefined, undefined]

  constructor(settings: MembersSettings) {
    this.#settings = settings
  }

  get alive(): Life[] {
    return this.#slots.filter((life) => life !== undefined && !life.ended) as Life[]
  }

  get calls(): number {
    return this.alive.reduce((sum, life) => sum + life.calls, 0)
  }

  /** Starts a member in a free slot, or in the given one. */
  start(slot = this.#slots.findIndex((life) => life === undefined || life.ended)): Life {
    if (slot < 0) throw new Error('no free member')
    const { folder, program, environment, ...addresses } = this.#settings
    const home = join(folder, `member-${slot}`)
    mkdirSync(home, { recursive: true })
    const config = join(home, 'config.yaml')
    writeFileSync(config, configText({ ...addresses, folder: home }))
    const number = this.lives.length + 1
    const accountFile = join(home, `account-${number}.json`)
    const logFile = join(home, `log-${number}.ndjson`)
    const args = [
      join(program, 'bin/alertstreams.js'),
      'run',
      config,
      '--account',
      accountFile,
      '--log-level',
      process.env.FAULTS_LOG ?? 'info'
    ]
    const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', ...args], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, ...environment }
    })
    // Through us, so that a limit of file size meets the program's output and not its log.
    child.stderr!.pipe(createWriteStream(logFile))
    const exited = Promise.withResolvers<void>()
    const life: Life = {
      member: slot + 1,
      number,
      child,
      exit: exited.promise,
      accountFile,
      logFile,
      outputFile: join(home, 'out.ndjson'),
      meant: 'none',
      ready: false,
      ended: false,
      code: null,
      signal: null,
      calls: 0
    }
    child.stderr!.on('data', (text: Buffer) => {
      life.ready ||= text.includes(READY)
    })
    child.on('message', (message: { calls: number }) => {
      life.calls = message.calls
    })
    child.on('error', (error) => this.surprises.push(`life ${number}: ${error}`))
    child.on('exit', (code, signal) => {
      Object.assign(life, { ended: true, code, signal })
      if (life.meant === 'none') {
        this.surprises.push(`life ${number} ended by itself with ${signal ?? `exit code ${code}`}: see ${logFile}`)
        this.start(slot)
      }
      exited.resolve()
    })
    this.#slots[slot] = life
    this.lives.push(life)
    return life
  }

  async kill(life: Life): Promise<void> {
    life.meant = 'SIGKILL'
    life.child.kill('SIGKILL')
    await life.exit
  }

  async terminate(life: Life): Promise<void> {
    life.meant = 'SIGTERM'
    life.child.kill('SIGTERM')
    await life.exit
  }

  /** The slot of a life, to start its successor in. */
  slotOf(life: Life): number {
    return life.member - 1
  }

  get outputFiles(): string[] {
    return [...new Set(this.lives.map((life) => life.outputFile))].filter((path) => existsSync(path))
  }

  /** At the end of everything, whatever state they are in. */
  async end(): Promise<void> {
    await Promise.all(this.alive.map((life) => this.kill(life)))
  }
}

/** The account that a life wrote at its end, undefined where it wrote none. */
export function accountOf(life: Life): unknown {
  return existsSync(life.accountFile) ? JSON.parse(readFileSync(life.accountFile, 'utf8')) : undefined
}
