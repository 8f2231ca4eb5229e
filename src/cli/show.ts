import { writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { parseArgs } from 'node:util'
import { stringifyJson } from '../codecs/json-text.ts'
import { adviceOf, codeOf } from '../contract/errors.ts'
import { type Page, pageOf } from '../show/page.ts'
import { coloured, plain } from '../show/paint.ts'
import { numbersOf } from '../show/numbers.ts'
import { textOf } from '../show/text.ts'
import { exitCodes } from './exit-codes.ts'
import { messageOptions, readCodec, readGiven, readSeconds } from './message-options.ts'
import { openOutput } from './output.ts'
import { findAlerts } from './shown-alerts.ts'
import { UsageError } from './usage-error.ts'

const HELP = `alertstreams show: an alert on the terminal: what it is, its history, its light curve, its cut-outs

  alertstreams show FILE          an alert of any format that decode knows, a file of several, or - for standard input
      --number N                  which of several (default: the first)
      --all                       all that are of the object of the newest one, as one light curve
      --plot FILE                 light curve and cut-outs as a picture: .png or .svg
      --json                      the numbers of the light curve as a JSON object, instead of the page
      --width N                   characters in a line (default: the terminal's, else 80)
      --codec CODEC               auto (default) tells the format from the bytes; else as for decode
      --header NAME=VALUE         a header of the message, as in _format=circular; may be given several times
      --topic TOPIC               its topic
      --key KEY                   its key: the content of a file of that name, else this text
  alertstreams show OBJECT        the alerts of an object, as one light curve, from BigQuery: ZTF17aaarzyp; costs as query does
      --table TABLE               dataset.table of Pitt-Google, or project.dataset.table (default: ztf.alerts_v4_02)
      --project PROJECT           your own Google Cloud project, which pays (default: GOOGLE_CLOUD_PROJECT)

      --timeout TIME              for what has to be fetched, such as a schema (default: 30s)

Magnitudes are AB, of the difference image; times are UTC. Limits are those of 5 sigma; a flux below 3 sigma is one. Colours
are for terminals only, and not where NO_COLOR is set.
Example: alertstreams show alert.avro --plot alert.png
`

/** An alert for people. */
export async function show(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...messageOptions,
      codec: { type: 'string', default: 'auto' },
      number: { type: 'string' },
      all: { type: 'boolean', default: false },
      table: { type: 'string' },
      project: { type: 'string' },
      plot: { type: 'string' },
      json: { type: 'boolean', default: false },
      width: { type: 'string' },
      timeout: { type: 'string', default: '30s' }
    }
  })
  if (values.help) {
    process.stdout.write(HELP)
    return exitCodes.done
  }
  const [subject, ...others] = positionals
  if (subject === undefined || others.length > 0)
    throw new UsageError('name one FILE, - for standard input, or an OBJECT')
  if (values.all && values.number !== undefined) throw new UsageError('--all and --number are both given')
  const number = values.number === undefined ? 1 : readWhole('--number', values.number)
  const width = values.width === undefined ? (process.stdout.columns ?? 80) : readWhole('--width', values.width)
  const plot = readPlot(values.plot)
  const wish = {
    ...{ table: values.table, project: values.project, number: values.all ? ('all' as const) : number },
    ...{ codec: readCodec(values.codec), given: readGiven(values), seconds: readSeconds(values.timeout) }
  }
  const write = openOutput()
  try {
    const { payloads, count } = await findAlerts(subject, wish)
    const page = pageOf(payloads)
    const paint = process.stdout.isTTY && !process.env.NO_COLOR ? coloured : plain
    await write(values.json ? `${stringifyJson(numbersOf(page))}\n` : textOf(page, width, paint))
    if (count > 1) say(`this is alert ${number} of ${count}; --number shows another`)
    if (plot !== undefined) await draw(page, plot)
    return exitCodes.done
  } catch (error) {
    if (error instanceof UsageError) throw error
    say(`${subject}: ${adviceOf(error)}`)
    return codeOf(error, 'DECODE_FAILED') === 'CONFIG_INVALID' ? exitCodes.invalid : exitCodes.failed
  }
}

async function draw(page: Page, file: string): Promise<void> {
  // Loaded here: drawing takes libraries that nothing else needs.
  const { pictureOf } = await import('../show/picture.ts')
  const picture = pictureOf(page, extname(file) === '.svg' ? 'svg' : 'png')
  if (picture === undefined) throw new Error('there is nothing to draw: no brightness, and no cut-outs')
  await writeFile(file, picture)
}

function readWhole(option: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`${option} must be a whole number from 1, and is ${text}`)
  return Number(text)
}

function readPlot(file: string | undefined): string | undefined {
  if (file === undefined || ['.png', '.svg'].includes(extname(file))) return file
  throw new UsageError(`--plot ${file}: the name must end in .png or .svg`)
}

function say(text: string): void {
  process.stderr.write(`alertstreams show: ${text}\n`)
}
