import { App } from '../app.ts'
import type { Message } from '../contract/alert.ts'
import type { Config, StreamConfig } from '../contract/config.ts'
import type { Logger } from '../contract/log.ts'
import type { Failure } from '../contract/sink.ts'
import type { StreamSetup } from '../contract/stream.ts'
import { FailedAgain } from './failed-again.ts'
import { LetterStream } from './letter-stream.ts'
import type { Account } from '../pipeline/account.ts'
import { type Marks, openLetters } from './marks.ts'
import { type OpenLetter, placeOf, type Ticket } from './open-letter.ts'
import type { Shelf } from './shelf.ts'

/** The sink that takes what failed again; no name in SINKS has a blank at its beginning. */
const AGAIN = ' failed again'

/** How one dead letter came out. `waiting`: given up before it was done, nothing is marked. */
export type Outcome = 'done' | 'waiting' | Pick<Failure, 'code' | 'reason'>

export interface Retrying {
  readonly config: Config
  readonly shelves: readonly Shelf[]
  readonly marks: Marks
  readonly log: Logger
  /** Seconds without any of them being done, after which it is given up. */
  readonly patience: number
  /** Told as soon as it is known; what is done is marked by then. */
  readonly tell: (letter: Ticket, outcome: Outcome) => void
}

/**
 * Takes dead letters through the routes of their streams as these are configured now: FILTER, handler, sinks, in order.
 * DEDUPE is left out, and what fails again makes no second dead letter. `chosen`: by their places.
 */
export async function retry(chosen: ReadonlyMap<string, Ticket>, retrying: Retrying): Promise<Account> {
  const { config, log, tell } = retrying
  const left = new Map(chosen)
  const again = new FailedAgain()
  const deadline = new Deadline(retrying.patience, log)
  const finished = new Finished(retrying)
  const settle = (open: OpenLetter, message: Message, done: boolean) => {
    left.delete(placeOf(open))
    deadline.postpone()
    const failure = again.failures.get(message)
    again.failures.delete(message)
    if (!done) tell(open, 'waiting')
    else if (failure !== undefined) tell(open, failure)
    else finished.add(open)
  }
  const streams = config.streams.flatMap((stream) => {
    const mine = new Set([...chosen].filter(([, { letter }]) => letter.stream === stream.id).map(([place]) => place))
    const letters = () => handOut(mine, retrying)
    const make = (setup: StreamSetup) => new LetterStream(stream.make(setup).codec, letters, setup.room, settle)
    return mine.size > 0 ? [asRetried(stream, make)] : []
  })
  const sink = { name: AGAIN, kind: 'FailedAgain', key: undefined, make: () => again }
  const app = new App({ ...config, streams, sinks: [...config.sinks, sink] }, log, deadline)
  await app.run()
  deadline.end()
  for (const open of left.values()) tell(open, strayed(open, config))
  return app.account
}

/** Reads the shelves anew, so that none has to be kept in memory until its turn; each is handed out once. */
async function* handOut(mine: Set<string>, { shelves, marks }: Retrying): AsyncGenerator<OpenLetter> {
  for await (const open of openLetters(shelves, marks)) {
    if (mine.delete(placeOf(open))) yield open
    if (mine.size === 0) return
  }
}

function asRetried(stream: StreamConfig, make: StreamConfig['make']): StreamConfig {
  const routes = stream.routes.map((route) => ({ ...route, dedupe: undefined, deadLetter: AGAIN }))
  return { ...stream, routes, deadLetter: AGAIN, heartbeats: [], schedule: undefined, make }
}

/** One that no stream was given. */
function strayed({ letter: { stream } }: Ticket, { streams }: Config): Outcome {
  if (streams.some(({ id }) => id === stream)) return 'waiting'
  const known = streams.map(({ id }) => id).join(', ')
  return { code: 'NO_ROUTE', reason: `there is no active stream ${stream} now, only ${known}` }
}

/** Marks those that are done, all of one write at once, before anybody is told. */
class Finished {
  readonly #retrying: Retrying
  #letters: Ticket[] = []

  constructor(retrying: Retrying) {
    this.#retrying = retrying
  }

  add(open: Ticket): void {
    if (this.#letters.push(open) === 1) queueMicrotask(() => this.#mark())
  }

  #mark(): void {
    const letters = this.#letters
    this.#letters = []
    this.#retrying.marks.add(letters, 'retried')
    for (const open of letters) this.#retrying.tell(open, 'done')
  }
}

/** Stops everything when nothing was done for so long; as a `Shutdown`, at which both signals come together. */
class Deadline {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly stop = this.#controller.signal
  readonly abandon = this.#controller.signal

  constructor(seconds: number, log: Logger) {
    this.#timer = setTimeout(() => {
      log.warn(`nothing was done for ${seconds} s: giving up, what is not done stays`)
      this.#controller.abort()
    }, seconds * 1000)
  }

  postpone(): void {
    this.#timer.refresh()
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}
