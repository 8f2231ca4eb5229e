import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { CodecName } from '../../src/codecs/index.ts'
import { LEAST_PAST, type Summary } from './summary.ts'

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))
/** A process that keeps more than this alive dies. */
const HEAP_MB = 256
/** As the program starts itself: the garbage in it counts as used. */
const NEW_SPACE_MB = 8

/** Fuzzes one codec in a process of its own, whose death is a problem too. */
export async function runFuzz(codec: CodecName, count: number, seed: number): Promise<Summary> {
  const flags = [`--max-old-space-size=${HEAP_MB}`, `--max-semi-space-size=${NEW_SPACE_MB}`]
  const args = [...flags, CHILD, codec, String(count), String(seed)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, said] = [child.stdout, child.stderr].map((stream) => stream.setEncoding('utf8').toArray())
  const ended = await new Promise<string>((resolve) =>
    child.on('close', (code, signal) => resolve(String(signal ?? code)))
  )
  if (ended !== '0')
    throw new Error(`${codec}, seed ${seed}: the process ended with ${ended}\n${(await said!).join('').slice(-2000)}`)
  const summary = JSON.parse((await out!).join('')) as Summary
  const past = summary.pastHeader / summary.mutations
  if (past < LEAST_PAST) summary.problems.push(`only ${percent(past)} got past the header`)
  return summary
}

export function describe({ codec, mutations, decodes, refused, pastHeader, ...most }: Summary): string {
  const past = percent(pastHeader / mutations)
  return (
    `${codec.padEnd(10)} ${decodes} decoded, ${refused} refused, ${past} past the header; ` +
    `slowest ${most.slowestMs} ms (${most.slowest}), most memory ${most.mostMb} MB (${most.largest})`
  )
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`
}
