import { renameSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { App } from '../app.ts'
import { onCodecReport } from '../codecs/report.ts'
import { loadConfig } from '../config/index.ts'
import type { Logger } from '../contract/log.ts'
import { createLog } from '../observe/log.ts'
import { Progress } from '../observe/progress.ts'
import { reportLines } from '../observe/report.ts'
import type { Account } from '../pipeline/account.ts'
import { counted } from './check.ts'
import { exitCodes } from './exit-codes.ts'
import { listenForSignals } from './shutdown.ts'
import { version } from './version.ts'

const REPORT_MS = 60_000

/** Runs a configuration until its streams have ended or a signal comes. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { account: { type: 'string' }, 'log-level': { type: 'string' } }
  })
  const loaded = await loadConfig(positionals, { colour: process.stderr.isTTY === true })
  if (loaded.config === undefined) {
    process.stderr.write(`${loaded.problems}\n\n${counted(loaded.count, 'problem')}; nothing was started\n`)
    return exitCodes.invalid
  }
  const { config } = loaded
  const terminal = process.stderr.isTTY ? process.stderr : undefined
  let progress: Progress | undefined
  const log = createLog(values['log-level'] ?? config.runner.logLevel, config.secrets, () => progress?.clear())
  for (const warning of config.warnings) log.warn(warning)
  onCodecReport(({ codec, subject, notes }) =>
    log.warn({ codec, notes }, `codec ${codec}, ${subject}: ${notes.join('; ')}`)
  )
  const shutdown = listenForSignals(config.runner.drainSeconds, () => log)
  const app = new App(config, log, shutdown)
  if (terminal) progress = new Progress(app.account, terminal)
  const report = setInterval(() => tell(app.account, log, values.account), REPORT_MS)
  log.info({ version: version(), streams: config.streams.map((stream) => stream.id) }, 'alertstreams starts')
  const outcome = await app.run()
  clearInterval(report)
  progress?.stop()
  shutdown.release()
  return finish(app.account, log, values.account, outcome)
}

function finish(
  account: Account,
  log: Logger,
  file: string | undefined,
  { failed, abandoned }: { failed: boolean; abandoned: boolean }
): number {
  tell(account, log, file)
  const mismatches = account.mismatches()
  for (const mismatch of mismatches) log.error(`the account does not add up: ${mismatch}`)
  if (mismatches.length === 0) log.info('the end: the account adds up')
  if (failed || mismatches.length > 0) return exitCodes.failed
  return abandoned ? exitCodes.abandoned : exitCodes.done
}

function tell(account: Account, log: Logger, file: string | undefined): void {
  for (const line of reportLines(account)) log.info(line)
  if (file === undefined) return
  writeFileSync(`${file}.part`, `${JSON.stringify(account, undefined, 2)}\n`)
  renameSync(`${file}.part`, file)
}
