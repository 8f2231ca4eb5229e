import { parseArgs } from 'node:util'
import { loadConfig } from '../config/index.ts'
import { exitCodes } from './exit-codes.ts'
import { checkedTestid } from './testid.ts'

/** Says everything that is wrong with the files, and connects to nothing. */
export async function check(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { testid: { type: 'string' } }
  })
  const testid = checkedTestid(values.testid)
  const loaded = await loadConfig(positionals, { colour: process.stderr.isTTY === true, testid })
  const warnings = loaded.config === undefined ? loaded.warnings : loaded.config.warnings
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n\n`)
  if (loaded.config === undefined) {
    const also = warnings.length > 0 ? `, ${counted(warnings.length, 'warning')}` : ''
    process.stderr.write(`${loaded.problems}\n\n${counted(loaded.count, 'problem')}${also}\n`)
    return exitCodes.invalid
  }
  const { streams, sinks } = loaded.config
  const counts = [counted(streams.length, 'active stream'), counted(sinks.length, 'sink')]
  if (warnings.length > 0) counts.push(counted(warnings.length, 'warning'))
  process.stdout.write(`the configuration is valid: ${counts.join(', ')}\n`)
  for (const { id, routes } of streams) {
    for (const { key, handler, sinks: to } of routes) {
      const way = [...(handler ? [handler.name] : []), ...(to.length > 0 ? [to.join(', ')] : [])]
      process.stdout.write(`  ${id}: ${[key, ...way].join(' -> ')}\n`)
    }
  }
  return exitCodes.done
}

/** As in `2 problems`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
