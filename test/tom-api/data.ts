import type { RunningTom } from '../services/tom.ts'

/** A datum as a TOM of version 2 has it. */
export interface KeptDatum {
  readonly target: string
  readonly data_type: string
  /** ISO 8601, UTC. */
  readonly timestamp: string
  /** JSON: the order of its keys is a part of what a TOM compares. */
  readonly value: string
  readonly source_name: string
  readonly source_location: string
}

const DATA = `
  SELECT name AS target, data_type, timestamp, value, source_name, source_location FROM tom_dataproducts_reduceddatum d
  JOIN tom_targets_basetarget t ON t.id = d.target_id ORDER BY d.id`

export function dataOf(tom: RunningTom): readonly KeptDatum[] {
  return tom.query(DATA).map((row) => {
    const { timestamp, value, ...rest } = row as unknown as KeptDatum
    return { ...rest, timestamp: isoTime(timestamp), value: JSON.stringify(JSON.parse(value)) }
  })
}

/** `2024-02-10 05:06:07.500000` as `2024-02-10T05:06:07.500Z`. */
function isoTime(text: string): string {
  const [, seconds, fraction = ''] = /^(.{19})(?:\.(\d+))?$/.exec(text)!
  return `${seconds!.replace(' ', 'T')}.${fraction.padEnd(6, '0').replace(/000$/, '')}Z`
}
