import { parseArgs } from 'node:util'
import { type Answer, type Asker, ask } from '../bigquery/ask.ts'
import { costOf } from '../bigquery/query.ts'
import type { Row } from '../bigquery/values.ts'
import { adviceOf, codeOf, reasonOf } from '../contract/errors.ts'
import { bytes, duration } from '../contract/options.ts'
import { endpoint } from '../google/endpoint.ts'
import { exitCodes } from './exit-codes.ts'
import { openOutput } from './output.ts'
import { payloadText } from '../codecs/payload-text.ts'
import { readLimit, readQuestion, readWith } from './query-options.ts'
import { RowsText } from './rows-text.ts'

const HELP = `alertstreams query: rows of a BigQuery table, Pitt-Google's alerts of ZTF and LSST or any other

  alertstreams query --object ID      the alerts of an object, newest first
  alertstreams query --candid ID      one alert; for LSST its diaSourceId
  alertstreams query --cone RA,DEC,RADIUS  the alerts around a position: degrees, degrees (ICRS), arcseconds
  alertstreams query --sql SQL        what a query of your own gives: one SELECT
      --table TABLE       dataset.table of Pitt-Google, or project.dataset.table (default:
                          ardent-cycling-243415.ztf.alerts_v4_02)
      --columns A,B       these columns, as in objectId,candidate.jd; * is all (default: what a light curve needs)
      --limit N           the most rows (default: 100); 0: all
      --json              JSON lines, ids with all digits; else an aligned table
      --dry-run           say how many bytes would be read, which is what it costs, and read nothing
      --max-bytes SIZE    do not run what reads more (default: 100 GB, about 0.57 USD; the first TiB of a month is free)
      --project PROJECT   your own Google Cloud project, which pays (default: GOOGLE_CLOUD_PROJECT)
      --key-file FILE     JSON key of a service account; else a login (alertstreams login), or Google's own defaults
      --token-file FILE   what alertstreams login has written elsewhere
      --endpoint URL      another address of BigQuery: regional, private
      --timeout TIME      give up after so long (default: 10m)

--object, --candid and --cone may be given together. Columns and conditions are what is paid for, rows are not: name few
columns. Lines of --json are read by alertstreams show.
Example: alertstreams query --object ZTF17aaarzyp --columns candid,candidate.jd,candidate.magpsf --json
`

/** Rows of a table on standard output. */
export async function query(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      object: { type: 'string' },
      candid: { type: 'string' },
      cone: { type: 'string' },
      sql: { type: 'string' },
      table: { type: 'string' },
      columns: { type: 'string' },
      limit: { type: 'string' },
      json: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      'max-bytes': { type: 'string' },
      project: { type: 'string' },
      'key-file': { type: 'string' },
      'token-file': { type: 'string' },
      endpoint: { type: 'string' },
      timeout: { type: 'string', default: '10m' }
    }
  })
  if (values.help) {
    process.stdout.write(HELP)
    return exitCodes.done
  }
  const limit = readLimit(values.limit)
  const question = readQuestion(values, limit)
  const asker: Asker = {
    project: values.project,
    KEY_FILE: values['key-file'],
    TOKEN_FILE: values['token-file'],
    ENDPOINT: readWith(endpoint(''), '--endpoint', values.endpoint),
    mostBytes: readWith(bytes(''), '--max-bytes', values['max-bytes'])
  }
  const patience = readWith(duration(''), '--timeout', values.timeout) ?? 0
  const signal = AbortSignal.timeout(patience * 1000)
  try {
    const answer = await ask(question, asker, signal)
    if (values['dry-run']) process.stdout.write(`${priceText(answer)}\n`)
    else await printRows(answer, limit, values.json)
    return exitCodes.done
  } catch (error) {
    const late = signal.aborted ? `no answer within ${values.timeout}. Raise --timeout.` : adviceOf(error)
    process.stderr.write(`alertstreams query: ${late}\n`)
    return codeOf(error, 'CONNECT_FAILED') === 'CONFIG_INVALID' ? exitCodes.invalid : exitCodes.failed
  }
}

async function printRows(answer: Answer, limit: number, json: boolean): Promise<void> {
  const write = openOutput()
  const text = json ? undefined : new RowsText()
  let count = 0
  const failed = (error: unknown) => process.stderr.write(`alertstreams query: tries again: ${reasonOf(error)}\n`)
  for await (const page of answer.pages(failed)) {
    // With --sql the query itself need not stop there.
    const rows = limit === 0 ? page : page.slice(0, limit - count)
    count += rows.length
    await write(text === undefined ? rows.map(jsonLine).join('') : text.linesOf(rows))
    if (count === limit) break
  }
  if (count === 0) process.stderr.write('alertstreams query: no row matches\n')
  else if (count === limit) {
    process.stderr.write(`alertstreams query: these are the first ${count} rows; there may be more: --limit\n`)
  }
}

function jsonLine(row: Row): string {
  return `${payloadText(row, { bytes: 'base64', exact: false, strict: true, pretty: false })}\n`
}

function priceText({ price: { bytes: count } }: Answer): string {
  return count === undefined
    ? 'The server does not say how many bytes this query will process.'
    : `This query will process ${count} bytes: ${costOf(count)}.`
}
