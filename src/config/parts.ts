import { codecs } from '../codecs/index.ts'
import { sinks } from '../sinks/index.ts'
import { streams } from '../streams/index.ts'
import { optionsReference } from './reference.ts'
import { optionsSchema } from './schema.ts'
import type { Parts } from './scope.ts'
import { withOptions } from './sources.ts'

/** The components that come with the package. */
export const ourParts: Parts = { streams, sinks, codecs }

/** docs/sources.md with the options of each stream as they are now. */
export function sourcesPage(page: string): string {
  return withOptions(page, ourParts)
}

/** The files that follow from their declarations, by path: text to write or to compare. */
export function referenceFiles(): Readonly<Record<string, string>> {
  return {
    'config/alertstreams.schema.json': `${JSON.stringify(optionsSchema(ourParts), null, 2)}\n`,
    'docs/options.md': optionsReference(ourParts)
  }
}
