import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './blocks.ts'

const run = promisify(execFile)
const source = (path: string) => `export * from ${JSON.stringify(`file://${join(root, path)}`)}\n`

/** A folder as a user has it, in which the name `alertstreams` means the sources of this checkout. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'alertstreams-docs-'))

  constructor() {
    for (const name of ['vitest', '@types']) {
      mkdirSync(join(this.folder, 'node_modules'), { recursive: true })
      symlinkSync(join(root, 'node_modules', name), join(this.folder, 'node_modules', name))
    }
    const exports = { '.': './index.js', './testing': './testing.js' }
    this.write('node_modules/alertstreams/package.json', JSON.stringify({ type: 'module', exports }))
    this.write('node_modules/alertstreams/index.js', source('src/index.ts'))
    this.write('node_modules/alertstreams/testing.js', source('test/contract/index.ts'))
    this.write('package.json', JSON.stringify({ type: 'module' }))
    this.write('tsconfig.json', JSON.stringify(this.#tsconfig()))
  }

  write(name: string, text: string | Uint8Array): string {
    const path = join(this.folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  /** Problems that the type checker finds in all TypeScript here; empty when there are none. */
  async typeProblems(): Promise<string> {
    return run(join(root, 'node_modules/.bin/tsc'), ['-p', this.folder]).then(
      ({ stdout }) => stdout,
      (error: { stdout: string }) => error.stdout || String(error)
    )
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #tsconfig(): object {
    const paths = {
      alertstreams: [join(root, 'src/index.ts')],
      'alertstreams/testing': [join(root, 'test/contract/index.ts')]
    }
    return { extends: join(root, 'tsconfig.json'), compilerOptions: { paths }, include: ['**/*.ts'] }
  }
}
