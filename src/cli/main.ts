import { didYouMean } from '../config/spelling.ts'
import { exitCodes } from './exit-codes.ts'
import { overview, pages } from './help.ts'
import { UsageError } from './usage-error.ts'
import { version } from './version.ts'
import { hideHarmlessWarnings } from './warnings.ts'

type Command = (args: readonly string[]) => Promise<number>

/** Loaded when they are called: looking at an alert needs no Kafka client. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run.ts')).run,
  readstreams: async () => (await import('./run.ts')).run,
  check: async () => (await import('./check.ts')).check,
  dlq: async () => (await import('./dlq.ts')).dlq,
  decode: async () => (await import('./decode.ts')).decode,
  show: async () => (await import('./show.ts')).show,
  encode: async () => (await import('./encode.ts')).encode,
  login: async () => (await import('./login.ts')).login,
  query: async () => (await import('./query.ts')).query,
  topics: async () => (await import('./topics.ts')).topics,
  setup: async () => (await import('./setup.ts')).setup,
  teardown: async () => (await import('./teardown.ts')).teardown,
  unsubscribe: async () => (await import('./unsubscribe.ts')).unsubscribe,
  import: async () => (await import('./import.ts')).importFile
}

/** The command line; gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  hideHarmlessWarnings()
  const [name, ...rest] = args
  if (name === undefined || ['help', '--help', '-h'].includes(name)) {
    process.stdout.write(overview)
    return name === undefined ? exitCodes.invalid : exitCodes.done
  }
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${version()}\n`)
    return exitCodes.done
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) {
    const remedy = didYouMean(name, Object.keys(commands), 'alertstreams --help lists all')
    process.stderr.write(`alertstreams: there is no command ${name}; ${remedy}\n`)
    return exitCodes.invalid
  }
  const page = Object.hasOwn(pages, name) ? pages[name] : undefined
  if (page !== undefined && (rest.includes('--help') || rest.includes('-h'))) {
    process.stdout.write(page)
    return exitCodes.done
  }
  try {
    return await (await command())(rest)
  } catch (error) {
    if (!isUsageError(error)) throw error
    process.stderr.write(`alertstreams ${name}: ${messageOf(error)}\nalertstreams ${name} --help has its options\n`)
    return exitCodes.invalid
  }
}

/** What a command, or `parseArgs`, throws about the command line. */
function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true
  return error instanceof Error && String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS')
}

/** Without Node's advice on words that begin with a hyphen, which nobody wanted. */
function messageOf({ message }: Error): string {
  const [, option] = /^Unknown option '(.+?)'/.exec(message) ?? []
  return option === undefined ? message : `there is no option ${option}`
}
