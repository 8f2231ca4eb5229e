import { parseArgs } from 'node:util'
import type { FieldPaths } from '../contract/alert.ts'
import { adviceOf } from '../contract/errors.ts'
import { exitCodes } from './exit-codes.ts'
import { messagesFrom } from './inputs.ts'
import { messageOptions, readCodec, readGiven, readSeconds } from './message-options.ts'
import { openOutput } from './output.ts'
import { payloadText, type TextStyle } from '../codecs/payload-text.ts'
import { valuesOf } from './records.ts'
import { UsageError } from './usage-error.ts'

const HELP = `alertstreams decode: what alerts hold, as JSON lines on standard output, one alert a line

  alertstreams decode FILE...     FILE: one message of any format (an Avro container gives a line for each record), a
                                  file of messages in lines as FileSink writes it, or - for standard input
      --codec CODEC               auto (default) tells the format from the bytes; else a codec's name, or with options
                                  '{NAME: avro, MAX_BYTES: 64 MiB}' as in the YAML setting CODEC
      --header NAME=VALUE         a header of the message, as in _format=voevent; may be given several times
      --topic TOPIC               its topic; where the file does not say, that is the name of its folder
      --key KEY                   its key: the content of a file of that name, else this text
      --fields A,B                these fields only, as in objectId,candidate.magpsf,prv_candidates.jd
      --bytes HOW                 bytes as base64 (default) text, their length, or skip: left out
      --exact                     bytes and dates as {"$bytes": base64} and {"$date": ISO}: encode then gives the same
      --strict                    NaN and Infinity as null; else they are bare words, as in Python, which encode reads
      --pretty                    over several lines
      --timeout TIME              for what has to be fetched, such as a schema (default: 30s)

Integers have all their digits, those beyond 2^53 too. A file that cannot be read or decoded is named on standard error;
the others are decoded, and the exit code is 1.
Example: alertstreams decode alert.avro --fields objectId,candid,candidate.magpsf
`

/** Any supported bytes to JSON lines. */
export async function decode(args: readonly string[]): Promise<number> {
  const { values, positionals: files } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...messageOptions,
      codec: { type: 'string', default: 'auto' },
      fields: { type: 'string' },
      bytes: { type: 'string', default: 'base64' },
      exact: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      pretty: { type: 'boolean', default: false },
      timeout: { type: 'string', default: '30s' }
    }
  })
  if (values.help) {
    process.stdout.write(HELP)
    return exitCodes.done
  }
  if (files.length === 0) throw new UsageError('name a FILE, or - for standard input')
  const { exact, strict, pretty } = values
  const style = { bytes: readBytes(values.bytes), exact, strict, pretty }
  const asked = { fields: readFields(values.fields), seconds: readSeconds(values.timeout) }
  const given = readGiven(values)
  const codec = readCodec(values.codec)
  const write = openOutput()

  let failed = false
  const fail = (name: string, error: unknown) => {
    failed = true
    process.stderr.write(`alertstreams decode: ${name}: ${adviceOf(error)}\n`)
  }
  for (const file of files) {
    try {
      for await (const message of messagesFrom(file, given)) {
        try {
          for await (const value of valuesOf(codec, message, asked)) await write(`${payloadText(value, style)}\n`)
        } catch (error) {
          fail(message.id, error)
        }
      }
    } catch (error) {
      fail(file, error)
    }
  }
  return failed ? exitCodes.failed : exitCodes.done
}

function readBytes(word: string): TextStyle['bytes'] {
  if (word === 'base64' || word === 'length' || word === 'skip') return word
  throw new UsageError(`--bytes must be base64, length or skip, and is ${word}`)
}

function readFields(text: string | undefined): FieldPaths | undefined {
  const paths = text?.split(',').map((path) => path.trim().split('.'))
  if (paths?.some((path) => path.includes(''))) {
    throw new UsageError('--fields must be paths with commas between, as in objectId,candidate.magpsf')
  }
  return paths
}
