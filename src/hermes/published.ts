import { type Fields, isRecord } from './checks.ts'

/** What Hermes fills in, by table. */
const defaults: Readonly<Record<string, Fields>> = {
  targets: { ra_error_units: 'degrees', dec_error_units: 'degrees', epoch: '2000.0', new_discovery: false },
  photometry: { brightness_unit: 'AB mag', limiting_brightness_unit: 'AB mag' },
  spectroscopy: { flux_units: 'mJy', wavelength_units: 'nm', flux_type: 'Fλ' },
  astrometry: { ra_error_units: 'degrees', dec_error_units: 'degrees' }
}

/**
 * A valid message as Hermes publishes it: defaults filled in, nulls and empty values of the rows left out, numbers for
 * positions. For topics that are written without Hermes in between, so that readers find the same.
 */
export function publishedForm(message: Fields): Fields {
  const { submit_to_tns: _, submit_to_mpc: __, submit_to_gcn: ___, data, ...rest } = message
  const base = { message_text: '', authors: '', ...rest }
  if (!isRecord(data)) return base
  const tables = Object.entries(defaults).flatMap(([name, row]) => {
    const rows: unknown = data[name]
    return Array.isArray(rows) && rows.length > 0 ? [[name, rows.map((one: unknown) => rowOf(one, row))] as const] : []
  })
  const others = Object.entries(data).filter(([name]) => !Object.hasOwn(defaults, name))
  return { ...base, data: { ...Object.fromEntries(tables), ...Object.fromEntries(others) } }
}

function rowOf(row: unknown, filledIn: Fields): Fields {
  const given = isRecord(row) ? Object.entries(row).filter(([, value]) => !isEmpty(value)) : []
  const numbers = given.map(([name, value]) => [name, isDegrees(name, value) ? Number(value) : value] as const)
  return { ...filledIn, ...Object.fromEntries(numbers) }
}

function isDegrees(name: string, value: unknown): boolean {
  return (name === 'ra' || name === 'dec') && typeof value === 'string' && !Number.isNaN(Number(value))
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true
  return Array.isArray(value) ? value.length === 0 : isRecord(value) && Object.keys(value).length === 0
}
