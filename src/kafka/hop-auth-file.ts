import { readFileSync, statSync } from 'node:fs'
import { parse, TomlError } from 'smol-toml'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'

/** One entry of hop's auth.toml, by hop's own names; what was left empty is not there. */
export interface HopCredential {
  readonly username: string
  readonly password: string
  /** `host` or `host:port`; without it: any. */
  readonly hostname?: string
  readonly protocol?: string
  readonly mechanism?: string
  readonly ssl_ca_location?: string
  readonly token_endpoint?: string
}

const NAMES = [
  'username',
  'password',
  'hostname',
  'protocol',
  'mechanism',
  'ssl_ca_location',
  'token_endpoint'
] as const

/** Group, others, and the set-uid, set-gid and sticky bits. */
const UNSAFE = 0o7077

/**
 * The credentials in a file: TOML as `hop auth` writes it, or the CSV that SCiMMA gives. Throws `CREDENTIALS_REFUSED`,
 * never with anything of the file in the message. Undefined: there is no such file, or a legacy one without them.
 */
export function readHopCredentials(file: string, legacy = false): readonly HopCredential[] | undefined {
  const text = readSafely(file)
  if (text === undefined) return undefined
  if (/\.csv$/i.test(file)) return [checked(firstRow(text), file)]
  const { auth } = parsed(text, file)
  if (auth === undefined && legacy) return undefined
  if (typeof auth !== 'object' || auth === null) throw wrong(file, 'has no section [[auth]]')
  return [auth].flat().map((entry: unknown) => checked({ ...(typeof entry === 'object' ? entry : {}) }, file))
}

function readSafely(file: string): string | undefined {
  try {
    const { mode } = statSync(file)
    if (process.platform !== 'win32' && (mode & UNSAFE) !== 0)
      throw new AlertStreamsError('CREDENTIALS_REFUSED', `${file} has unsafe permissions: ${mode.toString(8)}`, {
        remedy: `It holds a password: let nobody else read it (chmod 600 ${file}).`
      })
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof AlertStreamsError) throw error
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw wrong(file, `cannot be read: ${reasonOf(error)}`)
  }
}

/** The parser's message shows the lines around the fault, which may hold the password. */
function parsed(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text)
  } catch (error) {
    throw wrong(file, error instanceof TomlError ? `is not TOML: see line ${error.line}` : 'is not TOML')
  }
}

function checked(entry: Readonly<Record<string, unknown>>, file: string): HopCredential {
  const given = NAMES.flatMap((name) => {
    const value = entry[name] ?? (name === 'hostname' ? entry.host : undefined)
    if (value === undefined || value === '') return []
    if (typeof value !== 'string') throw wrong(file, `has a ${name} that is no text`)
    return [[name, value] as const]
  })
  const { username, password, ...others } = Object.fromEntries(given)
  if (username === undefined) throw wrong(file, 'has an entry without username')
  if (password === undefined) throw wrong(file, 'has an entry without password')
  return { username, password, ...others }
}

/** The first row of data by the names in the header. */
function firstRow(text: string): Readonly<Record<string, string>> {
  const [header = [], row = []] = rowsOf(text.replace(/^\uFEFF/, ''))
  return Object.fromEntries(header.map((name, column) => [name.trim(), (row[column] ?? '').trim()]))
}

/** Cells may be in quotes, within which a quote is doubled. */
function rowsOf(text: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  for (const line of text.split(/\r?\n/).filter((one) => one.trim() !== '')) {
    const cells = line.matchAll(/(?:^|,)(?:\s*"((?:[^"]|"")*)"\s*|([^,]*))/g)
    rows.push([...cells].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? ''))
  }
  return rows
}

function wrong(file: string, problem: string): AlertStreamsError {
  return new AlertStreamsError('CREDENTIALS_REFUSED', `${file} ${problem}`, {
    remedy: 'It should be as hop auth add writes it, or the CSV file of a credential from SCiMMA.'
  })
}
