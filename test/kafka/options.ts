import type { Fields, OptionsOf } from '../../src/contract/options.ts'
import { KafkaSink } from '../../src/sinks/kafka.ts'
import { HopskotchAlertStream } from '../../src/streams/hopskotch.ts'
import { kafka } from '../setup/services.ts'

type Given = Readonly<Record<string, unknown>>

/** Options of the stream as the configuration gives them, checked and with defaults. */
export function options(given: Given): OptionsOf<typeof HopskotchAlertStream.fields> {
  return readOptions(HopskotchAlertStream.fields, { URL: kafka()!.plaintext, START_POSITION: 'EARLIEST', ...given })
}

/** Options of the sink. */
export function sinkOptions(given: Given): OptionsOf<typeof KafkaSink.fields> {
  return readOptions(KafkaSink.fields, { URL: kafka()!.plaintext, ...given })
}

/** Options of any component. */
export function readOptions<F extends Fields>(fields: F, given: Given): OptionsOf<F> {
  const values = Object.entries(fields).map(([name, field]) => {
    if (given[name] === undefined) return [name, field.fallback]
    const read = field.read(given[name])
    if ('problem' in read) throw new Error(`${name}: ${read.problem}`)
    return [name, read.value]
  })
  return Object.fromEntries(values) as OptionsOf<F>
}
