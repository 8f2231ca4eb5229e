import { type ChildProcess, fork } from 'node:child_process'
import { rmSync } from 'node:fs'
import type { Logger } from '../contract/log.ts'
import { type AccountCounts, mergeAccounts } from '../observe/merge.ts'
import { reportLines } from '../observe/report.ts'
import { backoff, sleep } from '../pipeline/retry.ts'
import { writeAccount } from './account-file.ts'
import { exitCodes } from './exit-codes.ts'
import { isLastWords, type LastWords, type Order } from './member.ts'
import { packageFile } from './version.ts'

/** Seconds before a member that died is started again: the first time, and at most. */
const FIRST_PAUSE = 1
const LONGEST_PAUSE = 30
/** Milliseconds: a member that lived so long had started well. */
const LIVED_WELL = 60_000

export interface MemberSettings {
  readonly count: number
  /** The command line of each, without what is the member's own. */
  readonly args: readonly string[]
  readonly accountFile: string | undefined
  readonly log: Logger
  /** Takes secrets out of a text. */
  readonly hide: (text: string) => string
}

/**
 * Runs N processes of the same configuration, members of the same groups, until all have ended. One that dies is started
 * again; signals go to all. Gives the worst of their exit codes.
 */
export async function runMembers(settings: MemberSettings): Promise<number> {
  const members = new Members(settings)
  const forward = (signal: NodeJS.Signals) => members.onSignal(signal)
  process.on('SIGTERM', forward)
  process.on('SIGINT', forward)
  const numbers = Array.from({ length: settings.count }, (_, member) => member)
  const codes = await Promise.all(numbers.map((member) => members.keep(member)))
  process.off('SIGTERM', forward)
  process.off('SIGINT', forward)
  members.report()
  const worst = [exitCodes.failed, exitCodes.abandoned].find((code) => codes.includes(code))
  return worst ?? exitCodes.done
}

class Members {
  readonly #settings: MemberSettings
  readonly #log: Logger
  readonly #stop = new AbortController()
  readonly #living = new Set<ChildProcess>()
  readonly #accounts: AccountCounts[] = []
  /** Lives that ended without an account. */
  readonly #missing: string[] = []

  constructor(settings: MemberSettings) {
    this.#settings = settings
    this.#log = settings.log
  }

  onSignal(signal: NodeJS.Signals): void {
    const again = this.#stop.signal.aborted
    const order: Order = again ? 'abandon' : 'stop'
    this.#log.info(
      again ? `${signal} again: no member waits any longer` : `${signal}: all members finish what they took`
    )
    this.#stop.abort()
    for (const child of this.#living) if (child.connected) child.send(order)
  }

  /** Lets one member live, again and again if it dies; gives the exit code of its last life. */
  async keep(member: number): Promise<number> {
    const { signal: stop } = this.#stop
    for (let life = 1, attempt = 1; ; life++, attempt++) {
      const since = Date.now()
      const { words, how } = await this.#live(member)
      if (words !== undefined) this.#accounts.push(words.account)
      else this.#missing.push(`member ${member}, life ${life}: ${how}`)
      const inOrder = words !== undefined && (stop.aborted || !words.stopped)
      if (inOrder) return words.code
      // Only a process that has not begun to listen, and so has taken nothing, dies of these.
      if (stop.aborted) return how === 'SIGTERM' || how === 'SIGINT' ? exitCodes.done : exitCodes.failed
      if (Date.now() - since > LIVED_WELL) attempt = 1
      const pause = backoff(attempt, FIRST_PAUSE, LONGEST_PAUSE)
      const text = `member ${member} has ended (${how}); the others take over its work until it is back`
      this.#log.error({ member, life }, `${text}. Starting it again in ${pause.toFixed(1)} s.`)
      await sleep(pause, stop)
      if (stop.aborted) return words?.code ?? exitCodes.failed
    }
  }

  /** One life, from its start to its end. */
  async #live(member: number): Promise<{ readonly words: LastWords | undefined; readonly how: string }> {
    const { args, accountFile } = this.#settings
    const own = ['--member', String(member)]
    if (accountFile !== undefined) {
      const file = `${accountFile}.${member}`
      // What an earlier life has left there would pass for this one's.
      rmSync(file, { force: true })
      own.push('--account', file)
    }
    const child = fork(packageFile('bin/alertstreams.js'), ['run', ...args, ...own], { serialization: 'advanced' })
    this.#living.add(child)
    this.#log.info({ member, pid: child.pid }, `member ${member} starts`)
    let words: LastWords | undefined
    child.on('message', (message) => {
      if (isLastWords(message)) words = message
    })
    const how = await ended(child)
    this.#living.delete(child)
    return { words, how: words?.stopped ? 'stopped by somebody else' : how }
  }

  /** The account of all members together. */
  report(): void {
    const { accountFile, count, hide } = this.#settings
    const account = mergeAccounts(this.#accounts)
    for (const line of reportLines(account)) this.#log.info(`all members: ${line}`)
    for (const life of this.#missing) this.#log.warn(`without an account: ${life}`)
    if (accountFile === undefined) return
    writeAccount(accountFile, { ...account.toJSON(), members: count, missing: this.#missing }, this.#log, hide)
  }
}

/** How a process has ended, once its last message has arrived as well. */
async function ended(child: ChildProcess): Promise<string> {
  const how = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
    child.once('error', (error) => resolve(error.message))
  })
  const disconnected = new Promise<void>((resolve) => {
    if (!child.connected) resolve()
    child.once('disconnect', () => resolve())
  })
  await disconnected
  return how
}
