import { type DatabaseOptions, databaseFields } from '../../src/bigquery/fields.ts'

/** All options, as the configuration would fill them in; TABLE as it stands in YAML. */
export function databaseOptionsOf({
  TABLE,
  ...options
}: Partial<Omit<DatabaseOptions, 'TABLE'>> & { readonly TABLE?: string }): DatabaseOptions {
  const table = databaseFields.TABLE.read(TABLE ?? 'ztf.alerts_v4_02')
  if ('problem' in table) throw new Error(table.problem)
  return {
    PROJECT: undefined,
    KEY_FILE: undefined,
    TOKEN_FILE: undefined,
    ENDPOINT: undefined,
    TABLE: table.value,
    COLUMNS: undefined,
    OBJECT_ID: undefined,
    CANDID: undefined,
    WHERE: undefined,
    PARAMETERS: [],
    SORT: undefined,
    MAX_RESULTS: undefined,
    MAX_BYTES_BILLED: 100e9,
    ...options
  }
}
