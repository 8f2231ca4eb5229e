/** All commands, a line each. */
export const overview = `alertstreams: astronomical alert streams from one YAML file

  alertstreams check [FILE...]      say what is wrong with the files; connects to nothing
  alertstreams run [FILE...]        read, filter, handle and republish, as the files say; readstreams is the same
  alertstreams topics [FILE...]     the topics that streams can see, and which key of TOPIC_HANDLERS takes each
  alertstreams dlq ls [FILE...]     dead letters: alerts that failed for good; also show, retry and drop
  alertstreams setup [FILE...]      make the topics, subscriptions, buckets and tables that the files need
  alertstreams teardown [FILE...]   remove what a test run has made
  alertstreams unsubscribe [FILE...]  delete the subscriptions of streams at Google

  alertstreams show FILE|OBJECT     an alert on the terminal, its light curve as a picture
  alertstreams decode FILE...       what alerts hold, of any format, as JSON lines
  alertstreams encode [FILE]        JSON lines to bytes of a format
  alertstreams query                rows of Pitt-Google's BigQuery tables: by object, cone or SQL

  alertstreams import settings.py   the ALERT_STREAMS and DATA_SHARING of a TOM as YAML
  alertstreams login pitt-google    log in to Google Cloud in a browser
  alertstreams --version

Each has options, which --help behind it shows: alertstreams run --help
Without FILE a configuration is alertstreams.yaml. Several files are merged.
`

const run = `alertstreams run: read, filter, handle and republish, as the files say

  alertstreams run [FILE...]        (alertstreams readstreams is the same)
      --account FILE      write the account there as JSON, at every report and at the end
      --log-level LEVEL   debug, info, warn or error (default: RUNNER.LOG_LEVEL, else info)
      --processes N       run N processes that divide the alerts among them (default: 1); --account FILE is then that of
                          all together, written at the end, and FILE.0, FILE.1, ... are their own
      --stream ID         this stream only; may be given several times
      --now               whatever the SCHEDULE of a stream says
      --testid NAME       a test run beside the real one, with topics, groups and tables whose names end in NAME; first
                          setup --testid NAME, at the end teardown --testid NAME

It goes on until all streams have ended, or a signal comes: the first SIGTERM or SIGINT (Ctrl-C) stops reading and
finishes what was taken, for at most RUNNER.DRAIN_SECONDS; a second one stops waiting. Exit code 0: ended in order;
1: something failed for good; 2: the configuration or the command line is wrong; 3: some alerts were given back
unfinished.
Example: alertstreams run streams.yaml sinks.yaml --account account.json
`

const check = `alertstreams check: say what is wrong with the files; it loads every handler and connects to nothing

  alertstreams check [FILE...]
      --testid NAME       as a test run of that name would have it

Problems come with file, line, column and what to write instead, and make the exit code 2. Warnings do not.
Example: alertstreams check streams.yaml sinks.yaml
`

const dlq = `alertstreams dlq: dead letters, the alerts that failed for good, in the sinks that DEAD_LETTER names

  alertstreams dlq ls [FILE...]             list them
      --json              a JSON object a line
  alertstreams dlq show N... [FILE...]      all about those with these numbers
  alertstreams dlq retry [N...] [FILE...]   take them, or all, through their routes again as these are configured now
      --timeout TIME      give up when nothing was done for so long (default: 30s); what is not done stays
  alertstreams dlq drop N... [FILE...]      never list them again; the record itself stays where it is

      --sink NAME         of all four: the dead letters of this sink only

Those in files and Kafka topics can be read back.
Example: alertstreams dlq retry 3 7 alertstreams.yaml
`

const topics = `alertstreams topics: the topics that streams can see at their source, and which key of TOPIC_HANDLERS takes each

  alertstreams topics [FILE...]
      --stream ID         of this stream only

It logs in as run does, and reads no alert.
Example: alertstreams topics alertstreams.yaml --stream hopskotch
`

const setup = `alertstreams setup: name the topics, subscriptions, buckets and tables that the files need and that are not there,
ask, and make them; it deletes nothing

  alertstreams setup [FILE...]
      --yes               do not ask
      --stream ID         what this stream needs; may be given several times
      --testid NAME       those of a test run, whose names end in NAME

Example: alertstreams setup config/broker.yaml --testid mine
`

const teardown = `alertstreams teardown: name what a test run has, ask, and remove it with all that it holds

  alertstreams teardown [FILE...] --testid NAME
      --testid NAME       the test run; what has no such name is never touched
      --yes               do not ask

Example: alertstreams teardown config/broker.yaml --testid mine
`

const unsubscribe = `alertstreams unsubscribe: name the subscriptions that streams have at Google, and delete them with --yes

  alertstreams unsubscribe [FILE...]
      --stream ID         of this stream only
      --yes               delete them, with what they have collected

Example: alertstreams unsubscribe alertstreams.yaml --stream pitt-google
`

/** Those of the commands that have no file with more to say. */
export const pages: Readonly<Record<string, string>> = {
  run,
  readstreams: run,
  check,
  dlq,
  topics,
  setup,
  teardown,
  unsubscribe
}
