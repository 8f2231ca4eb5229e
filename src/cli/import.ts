import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { reasonOf } from '../contract/errors.ts'
import { type Imported, importSettings } from '../import/index.ts'
import { exitCodes } from './exit-codes.ts'
import { UsageError } from './usage-error.ts'

const HELP = `alertstreams import: the settings of a TOM as YAML

  alertstreams import settings.py     reads ALERT_STREAMS and DATA_SHARING from a Django settings file by their literals:
                                      names that the file sets, os.getenv and the like, f-strings, merged dicts; nothing
                                      is executed, and secrets are not copied but become environment variables
      --out FILE                      write the YAML there; else it goes to standard output

What could not be carried over is said on standard error, by its line and with what to write instead, and stands as a
comment at its place. The exit code is 0 also then; 1 where there was nothing to carry over; 2 where the file cannot be
read, or is no Python.
Example: alertstreams import my_tom/settings.py --out alertstreams.yaml && alertstreams check
`

/** A settings file of Django to YAML. */
export async function importFile(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { out: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } }
  })
  if (values.help) {
    process.stdout.write(HELP)
    return exitCodes.done
  }
  const [path, ...others] = positionals
  if (path === undefined || others.length > 0) throw new UsageError('name one settings file, as in settings.py')
  const { out } = values
  if (out !== undefined && existsSync(out)) throw new UsageError(`${out} is there already: name another, or remove it`)
  const file = basename(path)
  const imported = importSettings(await textOf(path), file)
  const { yaml, brokenLine } = imported
  say(notesOf(imported, file))
  if (yaml === undefined) {
    if (brokenLine !== undefined)
      throw new UsageError(`${file}:${brokenLine}: from here on it is no Python that can be read`)
    say('there is nothing to carry over: neither ALERT_STREAMS nor DATA_SHARING has a value here that can be read\n')
    return exitCodes.failed
  }
  if (out === undefined) process.stdout.write(yaml)
  else await writeFile(out, yaml, { flag: 'wx' })
  say(nextSteps(imported, out))
  return exitCodes.done
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new UsageError(`the settings file cannot be read: ${reasonOf(error)}`)
  }
}

function notesOf({ notes, brokenLine, yaml }: Imported, file: string): string {
  const said = notes.map(({ line, text, remedy }) => `${file}:${line}: ${text}${remedy ? `\n  ${remedy}` : ''}\n`)
  if (brokenLine !== undefined && yaml !== undefined)
    said.push(`${file}:${brokenLine}: this is no Python that can be read; what follows may be missing\n`)
  return said.join('')
}

function nextSteps({ variables, handlers }: Imported, out: string | undefined): string {
  const steps = [`\nNext: alertstreams check ${out ?? 'FILE'}`]
  if (variables.length > 0) steps.push(`Set in the environment: ${variables.join(', ')}`)
  if (handlers.length > 0) {
    steps.push('To be written, beside the YAML file:', ...handlers.map(([path, dotted]) => `  ${path} for ${dotted}`))
    steps.push('A handler begins as', STUB)
  }
  return `${steps.join('\n')}\n`
}

const STUB = `
  import type { Handler } from 'alertstreams'

  const handler: Handler = (alert, { log }) => {
    const payload = alert.payload()
    log.info({ payload }, \`an alert of \${alert.topic}\`)
  }
  export default handler`

function say(text: string): void {
  process.stderr.write(text)
}
