import { createReadStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { linesIn } from '../archive/lines.ts'
import { lineOf, sizeOf } from '../archive/message-line.ts'
import { isAvroContainer } from '../codecs/avro/container.ts'
import { parseJson } from '../codecs/json-text.ts'
import type { Codec, Encoded } from '../contract/codec.ts'
import { adviceOf } from '../contract/errors.ts'
import { exitCodes } from './exit-codes.ts'
import { expectFile, STDIN } from './inputs.ts'
import { type Given, messageOptions, readCodec, readGiven } from './message-options.ts'
import { openOutput } from './output.ts'
import { untagged } from '../codecs/payload-text.ts'
import { UsageError } from './usage-error.ts'

const HELP = `alertstreams encode: JSON lines, as decode writes them, to bytes of a format

  alertstreams encode [FILE]      FILE: a JSON value a line; without it, or with -, standard input
      --codec CODEC               needed: a codec's name, or with options '{NAME: ..., ...}' as in the YAML setting CODEC
      --out DIR                   a file for each line: 1.avro, 2.avro, ...; without it, the bytes of the only line go
                                  to standard output
      --messages                  messages in lines instead, with headers and key, as FileSink writes them: decode and
                                  ArchiveAlertStream read them
      --topic TOPIC               of these messages (default: encoded)
      --header NAME=VALUE         a header of each, before those of the format; may be given several times
      --key KEY                   of each, where the format has none of its own: the content of a file of that name,
                                  else this text

Bare NaN and Infinity are read, and {"$bytes": base64} and {"$date": ISO} as decode --exact writes them. A line that
cannot be encoded is named on standard error; the others are, and the exit code is 1.
Example: alertstreams decode alert.avro | alertstreams encode --codec json --out copies
`

type Put = (encoded: Encoded, line: number) => Promise<void>

/** JSON lines to the bytes of a format. */
export async function encode(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { ...messageOptions, out: { type: 'string' }, messages: { type: 'boolean', default: false } }
  })
  if (values.help) {
    process.stdout.write(HELP)
    return exitCodes.done
  }
  const [file = STDIN, ...others] = positionals
  if (others.length > 0) throw new UsageError(`one FILE only, and not ${others.join(', ')} as well`)
  if (values.codec === undefined) throw new UsageError('say with --codec which format to write')
  if (values.messages && values.out !== undefined) throw new UsageError('--out and --messages do not go together')
  const codec = readCodec(values.codec)
  const given = readGiven(values)
  const put = values.messages ? inLines(given) : values.out === undefined ? alone() : await inFolder(values.out)

  const name = file === STDIN ? 'standard input' : file
  let number = 0
  let failed = false
  try {
    if (file !== STDIN) await expectFile(file)
    for await (const line of linesIn(file === STDIN ? process.stdin : createReadStream(file))) {
      number++
      if (line.length === 0) continue
      try {
        await put(encodedLine(line, codec), number)
      } catch (error) {
        if (error instanceof UsageError) throw error
        failed = true
        process.stderr.write(`alertstreams encode: ${name}, line ${number}: ${adviceOf(error)}\n`)
      }
    }
  } catch (error) {
    if (error instanceof UsageError) throw error
    process.stderr.write(`alertstreams encode: ${name}: ${adviceOf(error)}\n`)
    return exitCodes.failed
  }
  return failed ? exitCodes.failed : exitCodes.done
}

function encodedLine(line: Buffer, codec: Codec): Encoded {
  let value: unknown
  try {
    value = untagged(parseJson(line.toString()))
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new Error(
      `it is no JSON value (${cause.message}); each line must be one, as decode without --pretty writes`,
      {
        cause
      }
    )
  }
  return codec.encode(value)
}

/** The bytes of a single value, and nothing around them. */
function alone(): Put {
  const write = openOutput()
  let first: number | undefined
  return async ({ bytes, headers, key }, line) => {
    if (first !== undefined) {
      throw new UsageError(`line ${first} was written, and line ${line} would follow: give --out DIR, or --messages`)
    }
    first = line
    tellLost(headers.length > 0 || key !== undefined)
    await write(bytes)
  }
}

async function inFolder(folder: string): Promise<Put> {
  await mkdir(folder, { recursive: true })
  let told = false
  return async ({ bytes, headers, key }, line) => {
    if (!told) tellLost(headers.length > 0 || key !== undefined)
    told = true
    await writeFile(join(folder, `${line}.${extensionOf(bytes)}`), bytes)
  }
}

function tellLost(lost: boolean): void {
  if (lost) process.stderr.write('alertstreams encode: headers and key are not in the bytes: --messages keeps them\n')
}

/** One that ArchiveAlertStream knows. */
function extensionOf(bytes: Uint8Array): string {
  if (isAvroContainer(bytes)) return 'avro'
  const text = Buffer.from(bytes).toString()
  if (text.startsWith('<')) return 'xml'
  try {
    parseJson(text)
    return 'json'
  } catch {
    return 'bin'
  }
}

function inLines({ headers: first, key: givenKey, topic = 'encoded' }: Given): Put {
  const write = openOutput()
  return async ({ bytes, headers: own, key = givenKey }, line) => {
    const content = { bytes, headers: [...first, ...own], key: key ?? null }
    const place = { topic, id: String(line), partition: undefined, offset: undefined, publishedAt: new Date() }
    const message = { ...place, ...content, size: sizeOf(content) }
    await write(lineOf({ message, stream: '', route: undefined, payload: () => undefined }, content))
  }
}
