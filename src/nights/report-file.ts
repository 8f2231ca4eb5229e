import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileName } from '../archive/file-names.ts'
import type { Report } from './report.ts'
import { reportPage } from './report-text.ts'

export interface Keeping {
  readonly member: number | undefined
  readonly hide: (text: string) => string
}

/**
 * Keeps a report in `nights/<stream>/<date>.json` in STATE_DIR, and beside it as a page to read; a member of several has
 * its number in the name, and what is there already is never overwritten; `hide` takes secrets out of it. Gives the path.
 */
export async function keepReport(stateDir: string, report: Report, { member, hide }: Keeping): Promise<string> {
  const folder = join(stateDir, 'nights', fileName(report.stream))
  await mkdir(folder, { recursive: true })
  const own = member === undefined ? '' : `.${member}`
  for (let twin = 1; ; twin++) {
    const stem = join(folder, `${report.night}${twin === 1 ? '' : `-${twin}`}${own}`)
    try {
      await writeFile(`${stem}.json`, `${hide(JSON.stringify(report, undefined, 2))}\n`, { flag: 'wx' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue
      throw error
    }
    await writeFile(`${stem}.md`, hide(reportPage(report)))
    return `${stem}.json`
  }
}
