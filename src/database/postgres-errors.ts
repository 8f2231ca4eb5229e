import { AlertStreamsError, reasonOf } from '../contract/errors.ts'

/** PostgreSQL's five characters for what went wrong, or Node's name for it. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : undefined
}

/** Several addresses that all refused are an error without a text. */
export function reasonOfPostgres(error: unknown): string {
  return reasonOf(error) || sqlStateOf(error) || 'no reason was given'
}

export function remedyOfPostgres(error: unknown): string {
  if (error instanceof AlertStreamsError && error.remedy !== undefined) return error.remedy
  const state = sqlStateOf(error) ?? ''
  if (state.startsWith('28')) return 'Check the user in URL, and PASSWORD.'
  if (state === '3D000') return 'Create the database; the tables in it are made here.'
  if (state === '42501') return 'Give the user the right to create and write tables in this schema.'
  if (state === '42P07') return 'Tables of these names are there already and are not ours: name another database.'
  if (state === '53100') return 'Make room on the disk of the server.'
  if (state === '53300') return 'Raise max_connections of the server, or end other clients.'
  return 'Check URL, and that the server runs and can be reached.'
}
