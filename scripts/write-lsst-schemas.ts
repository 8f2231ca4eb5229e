import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Writes the bundle of LSST's alert schemas from the Python package lsst-alert-packet, which needs `pip` and `unzip`.
 * Facts only: names, namespaces, types and their order. The package is under the GPL, its texts stay out.
 */
const target = new URL('../src/codecs/confluent/lsst-schemas.ts', import.meta.url)
const kept = ['type', 'name', 'namespace', 'fields', 'items', 'values', 'symbols', 'size', 'logicalType']

type Json = Readonly<Record<string, unknown>>

function fetchPackage(folder: string): string {
  execFileSync('pip', ['download', '--quiet', '--no-deps', '--dest', folder, 'lsst-alert-packet'], { stdio: 'inherit' })
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'))
  if (wheel === undefined) throw new Error('pip gave no wheel of lsst-alert-packet')
  execFileSync('unzip', ['-q', join(folder, wheel), 'lsst/alert/packet/schema/*', '-d', folder])
  return join(folder, 'lsst/alert/packet/schema')
}

function factsOf(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(factsOf)
  if (typeof part !== 'object' || part === null) return part
  const known = kept.filter((key) => key in part)
  return Object.fromEntries(known.map((key) => [key, factsOf((part as Json)[key])]))
}

/** The records of one version, those before the alert that it needs. */
function recordsIn(folder: string): readonly Json[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.avsc'))
  const records = files.map((name) => factsOf(JSON.parse(readFileSync(join(folder, name), 'utf8'))) as Json)
  const byName = new Map(records.map((record) => [`${record.namespace}.${record.name}`, record]))
  const needed = new Set<Json>()
  const need = (record: Json) => {
    for (const [, name] of JSON.stringify(record.fields).matchAll(/"([\w.]+)"/g)) {
      const other = byName.get(name!)
      if (other !== undefined && other !== record) need(other)
    }
    needed.add(record)
  }
  need(records.find(({ name }) => name === 'alert')!)
  return [...needed]
}

const folder = mkdtempSync(join(tmpdir(), 'lsst-schemas-'))
try {
  const schemas = fetchPackage(folder)
  const numbers = (path: string) =>
    readdirSync(path)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .toSorted((one, other) => one - other)
  const versions = numbers(schemas).flatMap((major) =>
    numbers(join(schemas, `${major}`)).map((minor) => {
      const lines = recordsIn(join(schemas, `${major}/${minor}`)).map((record) => JSON.stringify(record))
      return `  ${major * 100 + minor}: \`[\n${lines.join(',\n')}\n]\``
    })
  )
  writeFileSync(
    target,
    `/**
 * LSST's alert schemas by registry id, major * 100 + minor of their version: each a list of records, the alert last.
 * Written by scripts/write-lsst-schemas.ts: names, types and order as facts, without documentation.
 */
export const lsstSchemas: Readonly<Record<number, string>> = {
${versions.join(',\n')}
}
`
  )
} finally {
  rmSync(folder, { recursive: true })
}
