import { resolve } from 'node:path'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import type { Resource } from '../contract/resource.ts'
import type { RestService } from '../google/rest.ts'
import { type Account, openService } from '../google/service.ts'
import { Status, statusOf } from '../google/status.ts'
import { LOGIN } from '../google/token-file.ts'
import { readSchemaFile } from './schema-file.ts'
import {
  createDataset,
  createTable,
  type DatasetName,
  deleteDataset,
  deleteTable,
  findTable,
  hasDataset,
  type TableName
} from './tables.ts'

interface Asker {
  readonly account: Account
  readonly baseDir: string
}

export function datasetResource(name: DatasetName, location: string | undefined, asker: Asker): Resource {
  const path = `${name.project}.${name.dataset}`
  const ask = asking(path, name.project, asker)
  return {
    kind: 'BigQuery dataset',
    name: path,
    exists: (signal) => ask((service) => hasDataset(service, name, signal)),
    create: (signal) =>
      ask((service) => createDataset(service, { ...name, ...(location !== undefined && { location }) }, signal)),
    remove: async (signal) => void (await ask((service) => deleteDataset(service, name, signal)))
  }
}

/** `schema`: a file that `readSchemaFile` reads; without it the table cannot be made. */
export function tableResource(name: TableName, schema: string | undefined, asker: Asker): Resource {
  const path = `${name.project}.${name.dataset}.${name.table}`
  const ask = asking(path, name.project, asker)
  return {
    kind: 'BigQuery table',
    name: path,
    exists: async (signal) => (await ask((service) => findTable(service, name, signal))) !== undefined,
    async create(signal) {
      if (schema === undefined) {
        throw new AlertStreamsError('CONFIG_INVALID', `${path}: nothing says what columns it shall have`, {
          remedy: 'Set SCHEMA to a schema of BigQuery in JSON, an Avro schema, or a file of an alert in Avro.'
        })
      }
      const fields = await readSchemaFile(resolve(asker.baseDir, schema))
      await ask((service) => createTable(service, name, fields, signal))
    },
    remove: async (signal) => void (await ask((service) => deleteTable(service, name, signal)))
  }
}

function asking(path: string, project: string, { account, baseDir }: Asker) {
  return async <T>(action: (service: RestService) => Promise<T>): Promise<T> => {
    try {
      return await action(await openService('bigquery', account, baseDir, path))
    } catch (error) {
      if (error instanceof AlertStreamsError) throw error
      throw new AlertStreamsError('CONNECT_FAILED', `${path}: ${reasonOf(error)}`, {
        cause: error,
        remedy: remedyFor(statusOf(error), project)
      })
    }
  }
}

function remedyFor(status: number | undefined, project: string): string {
  switch (status) {
    case Status.UNAUTHENTICATED:
      return `Set KEY_FILE to a valid key of a service account, or log in again: ${LOGIN}`
    case Status.PERMISSION_DENIED:
      return `Give the account the role BigQuery Data Owner in project ${project}.`
    case Status.NOT_FOUND:
      return `Check PROJECT (${project}) and TABLE; a table is made when its dataset is there.`
    case Status.INVALID_ARGUMENT:
      return 'Check TABLE, LOCATION and the columns in the file that SCHEMA names.'
    default:
      return 'Check that bigquery.googleapis.com can be reached from this machine.'
  }
}
