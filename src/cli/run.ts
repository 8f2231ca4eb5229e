import { parseArgs } from 'node:util'
import { App, type Outcome } from '../app.ts'
import { onCodecReport } from '../codecs/report.ts'
import { loadConfig } from '../config/index.ts'
import type { Config } from '../contract/config.ts'
import { adviceOf, codeOf } from '../contract/errors.ts'
import { LEVELS, type Logger } from '../contract/log.ts'
import { createLog, hider } from '../observe/log.ts'
import type { AccountCounts } from '../observe/merge.ts'
import { Progress } from '../observe/progress.ts'
import { reportLines } from '../observe/report.ts'
import type { Account } from '../pipeline/account.ts'
import { checkAccountFile, writeAccount } from './account-file.ts'
import { counted } from './check.ts'
import { exitCodes } from './exit-codes.ts'
import { tellParent } from './member.ts'
import { runMembers } from './members.ts'
import { servePages } from './pages.ts'
import { partOf } from './part.ts'
import { listenForSignals } from './shutdown.ts'
import { checkedTestid } from './testid.ts'
import { UsageError } from './usage-error.ts'
import { version } from './version.ts'

const REPORT_MS = 60_000
const MOST_PROCESSES = 64

interface Options {
  readonly account: string | undefined
  readonly level: string | undefined
  /** The number of this process among `--processes N`; undefined: it is the only one. */
  readonly member: number | undefined
}

/** Runs a configuration, in one process or several, until its streams have ended or a signal comes. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      account: { type: 'string' },
      'log-level': { type: 'string' },
      processes: { type: 'string', default: '1' },
      testid: { type: 'string' },
      stream: { type: 'string', multiple: true, default: [] },
      now: { type: 'boolean', default: false },
      // Not for people: what the parent of several processes gives each.
      member: { type: 'string' }
    }
  })
  const { account, 'log-level': level } = values
  const processes = Number(values.processes)
  if (!Number.isInteger(processes) || processes < 1 || processes > MOST_PROCESSES) {
    process.stderr.write(`alertstreams run: --processes must be a number from 1 to ${MOST_PROCESSES}\n`)
    return exitCodes.invalid
  }
  if (level !== undefined && !LEVELS.some((known) => known === level))
    throw new UsageError(`--log-level must be one of ${LEVELS.join(', ')}, and is ${level}`)
  if (account !== undefined) checkAccountFile(account)
  const testid = checkedTestid(values.testid)
  const loaded = await loadConfig(positionals, { colour: process.stderr.isTTY === true, testid })
  if (loaded.config === undefined) {
    process.stderr.write(`${loaded.problems}\n\n${counted(loaded.count, 'problem')}; nothing was started\n`)
    return exitCodes.invalid
  }
  const config = partOf(loaded.config, { streams: values.stream, now: values.now })
  const member = values.member === undefined ? undefined : Number(values.member)
  if (processes === 1) return runHere(config, { account, level, member })
  const log = createLog(level ?? config.runner.logLevel, config.secrets, { format: config.runner.logFormat })
  for (const warning of config.warnings) log.warn(warning)
  const shared = [
    ...positionals,
    ...option('--log-level', level),
    ...option('--testid', testid),
    ...values.stream.flatMap((id) => option('--stream', id)),
    ...(values.now ? ['--now'] : [])
  ]
  return runMembers({ count: processes, args: shared, accountFile: account, log, hide: hider(config.secrets) })
}

function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value]
}

async function runHere(config: Config, { account: file, level, member }: Options): Promise<number> {
  const { logLevel, logFormat, drainSeconds, http } = config.runner
  const terminal = process.stderr.isTTY && member === undefined ? process.stderr : undefined
  let progress: Progress | undefined
  const root = createLog(level ?? logLevel, config.secrets, {
    format: logFormat,
    nameOf: (stream, topic) => config.streams.find(({ id }) => id === stream)?.logName?.(topic),
    before: () => progress?.clear()
  })
  const log = member === undefined ? root : root.child({ member })
  // Of several processes the parent has said them.
  if (member === undefined) for (const warning of config.warnings) log.warn(warning)
  onCodecReport(({ codec, subject, notes }) =>
    log.warn({ codec, notes }, `codec ${codec}, ${subject}: ${notes.join('; ')}`)
  )
  const shutdown = listenForSignals(drainSeconds, () => log, member !== undefined)
  let app: App
  try {
    app = new App(config, log, shutdown, member)
  } catch (error) {
    // What only shows when it is opened: a state folder that cannot be written.
    if (codeOf(error, 'CONNECT_FAILED') !== 'CONFIG_INVALID') throw error
    log.error(`nothing was started: ${adviceOf(error)}`)
    shutdown.release()
    return exitCodes.invalid
  }
  if (terminal) progress = new Progress(app.account, terminal)
  const hide = hider(config.secrets)
  const report = setInterval(() => tell(app.account, log, file, hide), REPORT_MS)
  const address = http && { host: http.host, port: http.port + (member ?? 0) }
  const pages = address && (await servePages(address, app, log, config.secrets))
  log.info({ version: version(), streams: Object.keys(app.account.streams) }, 'alertstreams starts')
  const outcome = await app.run()
  clearInterval(report)
  progress?.stop()
  await pages?.close()
  shutdown.release()
  const code = finish(app.account, log, file, outcome, hide)
  if (member !== undefined) await tellParent({ code, stopped: shutdown.stop.aborted, account: countsOf(app.account) })
  return code
}

function finish(
  account: Account,
  log: Logger,
  file: string | undefined,
  { failed, abandoned }: Outcome,
  hide: (text: string) => string
): number {
  const told = tell(account, log, file, hide)
  const mismatches = account.mismatches()
  for (const mismatch of mismatches) log.error(`the account does not add up: ${mismatch}`)
  if (mismatches.length === 0) log.info('the end: the account adds up')
  if (failed || !told || mismatches.length > 0) return exitCodes.failed
  return abandoned ? exitCodes.abandoned : exitCodes.done
}

function tell(account: Account, log: Logger, file: string | undefined, hide: (text: string) => string): boolean {
  for (const line of reportLines(account)) log.info(line)
  return file === undefined || writeAccount(file, account, log, hide)
}

function countsOf({ started, streams, sinks }: Account): AccountCounts {
  return { started, streams, sinks }
}
