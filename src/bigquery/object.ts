import type { Account } from '../google/service.ts'
import { type Asker, ask } from './ask.ts'
import type { Row } from './values.ts'

export interface ObjectOptions extends Partial<Asker> {
  /** dataset.table of Pitt-Google's, or project.dataset.table; left out: ztf.alerts_v4_02. */
  readonly table?: string | undefined
  /** Paths such as candidate.jd, or `*`, which costs much; left out: what a light curve needs. */
  readonly columns?: readonly string[] | undefined
  /** The most rows; left out: all. */
  readonly limit?: number | undefined
}

/** Milliseconds. */
const PATIENCE = 600_000

const NOBODY: Account = { KEY_FILE: undefined, TOKEN_FILE: undefined }

/**
 * The alerts of one object, newest first, in the shape of the alert: objectId, candid and, in candidate, jd, fid, magpsf,
 * sigmapsf, diffmaglim, isdiffpos, ra, dec; 64-bit ids are exact. Empty: there is no such object. Throws as `ask` does.
 */
export async function queryObject(
  objectId: string,
  { table, columns, limit, ...asker }: ObjectOptions = {},
  signal = AbortSignal.timeout(PATIENCE)
): Promise<readonly Row[]> {
  const answer = await ask({ object: objectId, table, columns, limit }, { ...NOBODY, ...asker }, signal)
  const rows: Row[] = []
  for await (const page of answer.pages()) rows.push(...page)
  return rows
}
