import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** A fenced block of a Markdown file. */
export interface Block {
  readonly language: string
  readonly text: string
  /** The file that its first line names in a comment: `// handlers/x.ts`. */
  readonly file: string | undefined
  /** As in `README.md:17`. */
  readonly place: string
}

export function blocksOf(document: string): readonly Block[] {
  const text = readFileSync(join(root, document), 'utf8')
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((match) => {
    const [, language = '', text = ''] = match
    const line = match.input.slice(0, match.index).split('\n').length
    return { language, text, file: /^(?:\/\/|#) (\S+\.\w+)\n/.exec(text)?.[1], place: `${document}:${line}` }
  })
}

/** The cells of the Markdown table that has this first heading, without code marks. */
export function tableOf(document: string, heading: string): readonly (readonly string[])[] {
  const lines = readFileSync(join(root, document), 'utf8').split('\n')
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} |`))
  if (start < 0) throw new Error(`${document} has no table that begins with ${heading}`)
  const rows = lines.slice(start + 2)
  const end = rows.findIndex((line) => !line.startsWith('|'))
  return rows.slice(0, end).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', ''))
  )
}
