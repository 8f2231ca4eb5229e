import type { HandlerSetup } from '../../src/contract/handler.ts'
import { RecordingLog } from '../contract/log.ts'

/** What the runner gives a handler, for one that is opened by hand. */
export function handlerSetup(over: Partial<HandlerSetup> = {}): HandlerSetup {
  return { log: new RecordingLog(), timeout: 10, waiting: () => {}, ...over }
}
