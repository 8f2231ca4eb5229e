import { type TableName, tableOf } from './tables.ts'

/** What follows the values of an INSERT, the same for SQLite and PostgreSQL. */
export function onConflict(name: TableName, columns: readonly string[]): string {
  const { key, kept, newestBy } = tableOf(name)
  const updated = columns.filter((column) => !key.includes(column) && !kept.includes(column))
  if (updated.length === 0) return `ON CONFLICT (${key.join(', ')}) DO NOTHING`
  const value = (column: string) =>
    column === newestBy ? `COALESCE(excluded.${column}, ${name}.${column})` : `excluded.${column}`
  const settings = updated.map((column) => `${column} = ${value(column)}`).join(', ')
  const newest =
    newestBy !== undefined && columns.includes(newestBy)
      ? ` WHERE ${name}.${newestBy} IS NULL OR excluded.${newestBy} IS NULL OR excluded.${newestBy} >= ${name}.${newestBy}`
      : ''
  return `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${settings}${newest}`
}
