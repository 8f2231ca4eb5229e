import { call, type RestService } from '../google/rest.ts'
import { unlessMissing, unlessThere } from '../google/status.ts'
import { type Column, columnsOf } from './columns.ts'

/** Milliseconds. */
const CALL = 30_000

export interface DatasetName {
  readonly project: string
  readonly dataset: string
}

export interface TableName extends DatasetName {
  readonly table: string
}

/** A field of a table to be made, as BigQuery's REST interface and `bq mk` take it. */
export interface FieldSchema {
  readonly name: string
  readonly type: string
  readonly mode?: 'NULLABLE' | 'REQUIRED' | 'REPEATED'
  readonly description?: string
  readonly fields?: readonly FieldSchema[]
}

/** The columns of a table; undefined: there is no such table, or no such dataset. Rejects with `RestError`. */
export async function findTable(
  service: RestService,
  name: TableName,
  signal: AbortSignal
): Promise<readonly Column[] | undefined> {
  const answer = await unlessMissing(ask(service, 'GET', tablePath(name), signal))
  return answer && columnsOf(answer.schema)
}

export async function hasDataset(
  service: RestService,
  { project, dataset }: DatasetName,
  signal: AbortSignal
): Promise<boolean> {
  return (await unlessMissing(ask(service, 'GET', datasetPath({ project, dataset }), signal))) !== undefined
}

/** `location`: US, EU or a region; left out, Google's default. One that is there already is left as it is. */
export async function createDataset(
  service: RestService,
  { project, dataset, location }: DatasetName & { readonly location?: string },
  signal: AbortSignal
): Promise<void> {
  const datasetReference = { projectId: project, datasetId: dataset }
  const body = { datasetReference, ...(location !== undefined && { location }) }
  await unlessThere(ask(service, 'POST', `projects/${project}/datasets`, signal, body))
}

/** In a dataset that is there. A table that is there already is left as it is. */
export async function createTable(
  service: RestService,
  name: TableName,
  fields: readonly FieldSchema[],
  signal: AbortSignal
): Promise<void> {
  const tableReference = { projectId: name.project, datasetId: name.dataset, tableId: name.table }
  const body = { tableReference, schema: { fields } }
  await unlessThere(ask(service, 'POST', `${datasetPath(name)}/tables`, signal, body))
}

/** With all its rows. False: there was none. */
export async function deleteTable(service: RestService, name: TableName, signal: AbortSignal): Promise<boolean> {
  return (await unlessMissing(ask(service, 'DELETE', tablePath(name), signal))) !== undefined
}

/** With all its tables. False: there was none. */
export async function deleteDataset(service: RestService, name: DatasetName, signal: AbortSignal): Promise<boolean> {
  const path = `${datasetPath(name)}?deleteContents=true`
  return (await unlessMissing(ask(service, 'DELETE', path, signal))) !== undefined
}

/** Of project.dataset.table; a project may have dots and a colon in its name, as example.org:alerts. */
export function tableNameOf(path: string): TableName {
  const [, project = '', dataset = '', table = ''] = /^(.*)\.(\w+)\.([\w-]+)$/.exec(path) ?? []
  return { project, dataset, table }
}

export function tablePath(name: TableName): string {
  return `${datasetPath(name)}/tables/${encodeURIComponent(name.table)}`
}

function datasetPath({ project, dataset }: DatasetName): string {
  return `projects/${project}/datasets/${encodeURIComponent(dataset)}`
}

function ask(
  service: RestService,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  signal: AbortSignal,
  body?: unknown
) {
  return call(service, method, path, AbortSignal.any([signal, AbortSignal.timeout(CALL)]), body)
}
