import { readFile } from 'node:fs/promises'
import { isAvroContainer, openContainer } from '../codecs/avro/container.ts'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import { recordOf } from '../google/answers.ts'
import { fieldsOfAvro } from './avro-schema.ts'
import type { FieldSchema } from './tables.ts'

/** Bytes: more than any packet has. */
const MOST_BYTES = 64 << 20

/**
 * The columns that a file is about: a schema of BigQuery in JSON, as `bq show --schema` writes it, an Avro schema, or an
 * Avro container such as an alert of ZTF. Throws `CONFIG_INVALID`.
 */
export async function readSchemaFile(file: string): Promise<readonly FieldSchema[]> {
  try {
    return fieldsIn(await readFile(file))
  } catch (error) {
    throw new AlertStreamsError('CONFIG_INVALID', `SCHEMA ${file}: ${reasonOf(error)}`, {
      cause: error,
      remedy: 'Name a schema of BigQuery in JSON, an Avro schema, or a file of an alert in Avro.'
    })
  }
}

function fieldsIn(bytes: Uint8Array): readonly FieldSchema[] {
  if (isAvroContainer(bytes)) return fieldsOfAvro(parsed(openContainer(bytes, MOST_BYTES).schema))
  const given = parsed(bytes)
  if (recordOf(given)?.type === 'record') return fieldsOfAvro(given)
  const fields = Array.isArray(given) ? given : recordOf(given)?.fields
  if (isList(fields)) return fields
  throw new Error('it holds no list of columns with a name and a type each')
}

function parsed(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes))
}

function isList(fields: unknown): fields is readonly FieldSchema[] {
  return Array.isArray(fields) && fields.length > 0 && fields.every(isField)
}

function isField(field: unknown): boolean {
  const { name, type, fields } = recordOf(field) ?? {}
  return typeof name === 'string' && typeof type === 'string' && (fields === undefined || isList(fields))
}
