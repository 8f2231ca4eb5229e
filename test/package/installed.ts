import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { threeTimes } from '../services/cache.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

/** What building and packing needs of the checkout, so that neither leaves anything in it. */
const INGREDIENTS = [
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'src',
  'handlers',
  'test/contract',
  'bin',
  'config',
  'docs',
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'LICENSE'
]

/** How a command ended. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** An empty folder in which the packed tarball was installed, and nothing else. */
export class Installed {
  readonly folder: string
  readonly #scratch: string

  private constructor(scratch: string, folder: string) {
    this.#scratch = scratch
    this.folder = folder
  }

  /** Builds, packs and installs as a user would; the registry's answers come from npm's cache where it has them. */
  static async make(): Promise<Installed> {
    const scratch = mkdtempSync(join(tmpdir(), 'alertstreams-package-'))
    const made = new Installed(scratch, join(scratch, 'project'))
    await made.#pack().catch((error) => {
      made.remove()
      throw error
    })
    return made
  }

  async #pack(): Promise<void> {
    const scratch = this.#scratch
    const { folder } = this
    const source = join(scratch, 'source')
    for (const name of INGREDIENTS) cpSync(join(root, name), join(source, name), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'))
    mkdirSync(folder)
    const pack = run('npm', ['pack', '--json', '--pack-destination', scratch], { cwd: source, ...LARGE })
    const { stdout } = await pack.catch(({ stdout, stderr }) => {
      throw new Error(`npm pack failed:\n${stdout}\n${stderr}`)
    })
    const tarball = join(scratch, packedName(stdout))
    const install = ['install', '--prefix', folder, '--prefer-offline', '--no-audit', '--no-fund', tarball]
    await threeTimes('installing the package', () => run('npm', install, { cwd: folder, timeout: 120_000, ...LARGE }))
  }

  write(name: string, text: string): void {
    const path = join(this.folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }

  /** Makes packages of the checkout importable here, as if they had been installed too. */
  borrow(...names: readonly string[]): void {
    for (const name of names) {
      const place = join(this.folder, 'node_modules', name)
      mkdirSync(dirname(place), { recursive: true })
      if (!existsSync(place)) symlinkSync(join(root, 'node_modules', name), place)
    }
  }

  /** Runs a program of the project's; the Node that runs this test is first on the PATH. */
  async run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const options = { cwd: this.folder, env: { ...this.environment, ...env }, timeout: 60_000, ...LARGE }
    const path = join(this.folder, 'node_modules/.bin', command)
    return run(path, args, options).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr })
    )
  }

  readonly environment = {
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    METADATA_SERVER_DETECTION: 'none'
  }

  remove(): void {
    rmSync(this.#scratch, { recursive: true, force: true })
  }
}

const LARGE = { maxBuffer: 64e6 }

/** npm prints what the scripts say before its own JSON. */
function packedName(stdout: string): string {
  const name = /"filename": "([^"]+\.tgz)"/.exec(stdout)?.[1]
  if (name === undefined) throw new Error(`npm pack named no tarball:\n${stdout}`)
  return name
}
