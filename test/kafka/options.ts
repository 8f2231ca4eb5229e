import { HopskotchAlertStream } from '../../src/streams/hopskotch.ts'
import { kafka } from '../setup/services.ts'

type Options = ConstructorParameters<typeof HopskotchAlertStream>[0]

/** Options as the configuration gives them, checked and with defaults. */
export function options(given: Readonly<Record<string, unknown>>): Options {
  const all: Record<string, unknown> = { URL: kafka()!.plaintext, START_POSITION: 'EARLIEST', ...given }
  const values = Object.entries(HopskotchAlertStream.fields).map(([name, field]) => {
    if (all[name] === undefined) return [name, field.fallback]
    const read = field.read(all[name])
    if ('problem' in read) throw new Error(`${name}: ${read.problem}`)
    return [name, read.value]
  })
  return Object.fromEntries(values) as Options
}
