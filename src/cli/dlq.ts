import { parseArgs } from 'node:util'
import { loadConfig } from '../config/index.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { duration } from '../contract/options.ts'
import { Marks, shelvesOf } from '../dead-letters/index.ts'
import { createLog, hider } from '../observe/log.ts'
import { counted } from './check.ts'
import { type Desk, drop, list, refuse, retryAll, show } from './dead-letters.ts'
import { exitCodes } from './exit-codes.ts'

/** Seconds without any progress after which a retry gives up. */
const PATIENCE = '30s'

/** With the numbers that were given. */
type Subcommand = (desk: Desk, numbers: readonly string[]) => Promise<number>

const subcommands: Readonly<Record<string, Subcommand>> = { ls: list, show, retry: retryAll, drop }

/** Dead letters: what there is, why, and what becomes of them. */
export async function dlq(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      sink: { type: 'string' },
      timeout: { type: 'string', default: PATIENCE },
      json: { type: 'boolean', default: false }
    }
  })
  const [name = '', ...rest] = positionals
  const subcommand = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined
  if (subcommand === undefined) return refuse(`say what: ${Object.keys(subcommands).join(', ')}`)
  const patience = duration('').read(values.timeout)
  if ('problem' in patience || !patience.value) return refuse('--timeout must be a time such as 30s or 5m')
  const [numbers, files] = [rest.filter(isNumber), rest.filter((word) => !isNumber(word))]

  const loaded = await loadConfig(files, { colour: process.stderr.isTTY === true })
  if (loaded.config === undefined) {
    process.stderr.write(`${loaded.problems}\n\n${counted(loaded.count, 'problem')}\n`)
    return exitCodes.invalid
  }
  const { config } = loaded
  const log = createLog('warn', config.secrets, { format: config.runner.logFormat })
  const all = shelvesOf(config, log)
  const shelves = values.sink === undefined ? all : all.filter((shelf) => shelf.name === values.sink)
  if (shelves.length === 0) {
    return refuse(
      `no DEAD_LETTER names the sink ${values.sink}; there are ${all.map((shelf) => shelf.name).join(', ')}`
    )
  }
  for (const { name, kind, letters } of shelves) {
    if (letters === undefined) log.warn(`${name} (${kind}) cannot be read back: dlq reads files and Kafka topics`)
  }
  const hidden = hider(config.secrets)
  const say = (text: string) => process.stdout.write(`${hidden(text)}\n`)
  const marks = new Marks(config.runner.stateDir)
  try {
    return await subcommand({ config, shelves, marks, log, json: values.json, patience: patience.value, say }, numbers)
  } catch (error) {
    if (!(error instanceof AlertStreamsError)) throw error
    log.error({ code: error.code }, error.remedy === undefined ? error.message : `${error.message} ${error.remedy}`)
    return exitCodes.failed
  }
}

/** A line, or partition:offset, with the file or topic before it; anything else among the words is a YAML file. */
function isNumber(word: string): boolean {
  return /^(.+:)?\d+$/.test(word)
}
