import type { Config } from '../../src/contract/config.ts'
import type { Logger } from '../../src/contract/log.ts'
import type { StreamSetup } from '../../src/contract/stream.ts'

const log: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }

/** What the runner would give a stream. */
export function setupOf({ baseDir, runner }: Config): StreamSetup {
  const room = { admit: () => true, wait: async () => {}, most: runner.bufferBytes }
  return { id: 'test', topics: [], room, log, baseDir, stateDir: runner.stateDir, note() {} }
}
