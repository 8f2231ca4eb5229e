import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { root, Workplace } from '../end-to-end/program.ts'
import { runCommand } from '../services/process.ts'

/**
 * A folder in which the program fits synthetic supernovae: rows in fits.ndjson and published.ndjson, pictures in
 * salt2/plot_lc. What it is given is in synthetic/: see light_curves.py.
 */
export class SupernovaPlace extends Workplace {
  readonly #python: string

  constructor(python: string) {
    super(configuration(python))
    this.#python = python
  }

  async make(count: number, seed: number): Promise<void> {
    const script = join(import.meta.dirname, 'light_curves.py')
    const options = ['--count', String(count), '--seed', String(seed)]
    await runCommand(this.#python, [script, join(this.folder, 'synthetic'), ...options])
  }

  /** What the handler makes of the cases in salt2_cases.py, as JSON. */
  async cases(): Promise<string> {
    const env = { ...process.env, PYTHONPATH: join(root, 'handlers/python'), PYTHONDONTWRITEBYTECODE: '1' }
    return runCommand(this.#python, [join(import.meta.dirname, 'salt2_cases.py'), join(this.folder, 'synthetic')], {
      env
    })
  }

  /** To the end of the alerts. Nobody answers at its proxy, and its home is new: a download would fail, or be found. */
  async fit(): Promise<void> {
    const HOME = join(this.folder, 'home')
    mkdirSync(HOME)
    const nowhere = 'http://127.0.0.1:1'
    const program = this.start({ env: { HOME, http_proxy: nowhere, https_proxy: nowhere, ftp_proxy: nowhere } })
    const code = await program.end(300)
    if (code !== 0) throw new Error(`it ended with ${code}:\n${program.output}`)
  }
}

function configuration(python: string): object {
  return {
    ALERT_STREAMS: [
      {
        NAME: 'ArchiveAlertStream',
        OPTIONS: {
          PATH: 'synthetic/*.ndjson',
          TOPIC: 'ztf_exgalac_trans',
          TOPIC_HANDLERS: {
            ztf_exgalac_trans: {
              HANDLER: { COMMAND: [python, '-m', 'alertstreams.salt2'], WORKERS: 2 },
              OPTIONS: {
                ...{ MODEL: 'synthetic/model', BANDS: 'synthetic/bands' },
                ...{ TABLE: 'fits', TOPIC: 'published', PLOT: 'plots' }
              },
              TIMEOUT: '60s',
              ORDER_BY: 'none'
            }
          }
        },
        DEAD_LETTER: 'dead'
      }
    ],
    SINKS: {
      fits: { NAME: 'FileSink', OPTIONS: { PATH: 'fits.ndjson', FORMAT: 'payload' } },
      published: { NAME: 'FileSink', OPTIONS: { PATH: 'published.ndjson', FORMAT: 'payload' } },
      plots: { NAME: 'FileSink', OPTIONS: { PATH: 'salt2/plot_lc/{key}.png', FORMAT: 'raw' } },
      dead: { NAME: 'FileSink', OPTIONS: { PATH: 'dead.ndjson' } }
    }
  }
}
