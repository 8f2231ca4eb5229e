import { exitCodes } from './exit-codes.ts'
import { UsageError } from './usage-error.ts'
import { version } from './version.ts'
import { hideHarmlessWarnings } from './warnings.ts'

const HELP = `alertstreams: astronomical alert streams from one YAML file

  alertstreams run [FILE...]      read, filter, handle and republish, as the files say
      --account FILE              write the account there as JSON, at every report and at the end
      --log-level LEVEL           debug, info, warn or error (default: RUNNER.LOG_LEVEL, else info)
      --processes N               run N processes that divide the alerts among them (default: 1); --account FILE is then
                                  that of all together, written at the end, and FILE.0, FILE.1, ... are their own
      --stream ID                 this stream only; may be given several times
      --now                       whatever the SCHEDULE of a stream says
  alertstreams check [FILE...]    say what is wrong with the files; connects to nothing
  alertstreams dlq ls [FILE...]   list dead letters: alerts that failed for good, in the sinks that DEAD_LETTER names
      --json                      a JSON object a line
  alertstreams dlq show N... [FILE...]    all about those with these numbers
  alertstreams dlq retry [N...] [FILE...] take them, or all, through their routes again as these are configured now
      --timeout TIME              give up when nothing was done for so long (default: 30s); what is not done stays
  alertstreams dlq drop N... [FILE...]    never list them again; the record itself stays where it is
      --sink NAME                 of all four: the dead letters of this sink only
  alertstreams decode FILE...     what alerts hold, of any format, as JSON lines; decode --help has its options
  alertstreams show FILE|OBJECT   an alert on the terminal, its light curve as a picture; show --help has its options
  alertstreams encode [FILE]      JSON lines to bytes of a format; encode --help has its options
  alertstreams query              rows of Pitt-Google's BigQuery tables: by object, cone or SQL; query --help has its options
  alertstreams import settings.py the ALERT_STREAMS and DATA_SHARING of a TOM as YAML; import --help has its options
  alertstreams login pitt-google  log in to Google Cloud in a browser; login --help has its options
  alertstreams topics [FILE...]   list the topics that streams can see, and which key of TOPIC_HANDLERS takes each
      --stream ID                 of this stream only
  alertstreams setup [FILE...]    name the topics, subscriptions, buckets and tables that the files need and that are not
                                  there, ask, and make them; it deletes nothing
      --yes                       do not ask
      --stream ID                 what this stream needs; may be given several times
      --testid NAME               those of a test run, whose names end in NAME; run and check have --testid too
  alertstreams teardown [FILE...] --testid NAME   name what a test run has, ask, and remove it with all that it holds
      --yes                       do not ask
  alertstreams unsubscribe [FILE...]  name the subscriptions that streams have at Google, and delete them with --yes
      --stream ID                 of this stream only
  alertstreams readstreams        the same as run
  alertstreams --version

Without FILE it reads alertstreams.yaml. Several files are merged.
Example: alertstreams run streams.yaml sinks.yaml --account account.json
`

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

/** They have more to say than the list above. */
const HAVE_HELP = ['decode', 'show', 'encode', 'import', 'login', 'query']

/** The command line; gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  hideHarmlessWarnings()
  const [name, ...rest] = args
  const asksHelp = args.includes('--help') || args.includes('-h')
  if (name === undefined || name === 'help' || (asksHelp && !HAVE_HELP.includes(name))) {
    process.stdout.write(HELP)
    return name === undefined ? exitCodes.invalid : exitCodes.done
  }
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${version()}\n`)
    return exitCodes.done
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) {
    process.stderr.write(`alertstreams: there is no command "${name}"\n\n${HELP}`)
    return exitCodes.invalid
  }
  try {
    return await (await command())(rest)
  } catch (error) {
    if (!isUsageError(error)) throw error
    process.stderr.write(`alertstreams ${name}: ${error.message}\n`)
    return exitCodes.invalid
  }
}

/** What a command, or `parseArgs`, throws about the command line. */
function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true
  return error instanceof Error && String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS')
}
