import { AlertStreamsError } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import type { Placed, Rejection } from '../contract/sink.ts'
import { type HermesAccess, HermesClient, troubleError } from './client.ts'

/** A message on its way to Hermes. */
export interface Submission extends Placed {
  /** JSON. */
  readonly text: string
  readonly title: string
  /** What readers find in `data.alertstreams_id`. */
  readonly identity: string
  /** `doubtful`: an answer was lost, and it may have been published. */
  state: 'open' | 'doubtful' | 'published' | 'refused'
  reason?: string
}

/** Submits messages one by one; each topic keeps its order. */
export class Submissions {
  readonly #client: HermesClient
  readonly #where: string
  readonly #log: Logger

  constructor(access: HermesAccess, log: Logger) {
    this.#client = new HermesClient(access)
    this.#where = access.url
    this.#log = log
  }

  /** Finds out whether the token is known, and whether its user may write the topic, if there is only one. */
  async connect(topic: string | undefined, signal: AbortSignal): Promise<void> {
    const writable = await this.#client.writableTopics(signal)
    if (topic === undefined || writable === undefined || writable.includes(topic)) return
    throw new AlertStreamsError('SINK_UNAVAILABLE', `${this.#where}: the user of TOKEN may not write to ${topic}`, {
      remedy: `Ask SCiMMA for the permission, or set TOPIC to one of: ${writable.slice(0, 20).join(', ') || 'none'}.`
    })
  }

  async write(batch: readonly Submission[], signal: AbortSignal): Promise<readonly Rejection[]> {
    for (const one of batch) if (one.state === 'open' || one.state === 'doubtful') await this.#submit(one, signal)
    return batch.flatMap(({ state, reason = '' }, index) =>
      state === 'refused' ? [{ index, code: 'SINK_REJECTED', reason }] : []
    )
  }

  async #submit(one: Submission, signal: AbortSignal): Promise<void> {
    await this.#client.turn(signal)
    const { target: topic, title, identity } = one
    const again = one.state === 'doubtful'
    const doubt = `it may be on ${topic} twice, both with this data.alertstreams_id`
    const fields = { topic, alertstreams_id: identity }
    if (again) this.#log.warn(fields, `"${title}" is submitted again, since no answer came: ${doubt}`)
    // Until the answer is there.
    one.state = 'doubtful'
    const answer = await this.#client.submit(one.text, signal).catch((stopped: unknown) => {
      this.#log.warn(fields, `"${title}" was being submitted when this was stopped; when it comes again, ${doubt}`)
      throw stopped
    })
    switch (answer.kind) {
      case 'published':
        one.state = 'published'
        this.#log.debug({ ...fields, uuid: answer.uuid }, `"${title}" was published`)
        return
      case 'refused':
        one.state = 'refused'
        one.reason = again
          ? `${answer.reason} (an earlier attempt, of which no answer came, may have published it)`
          : answer.reason
        return
      case 'trouble':
        if (!answer.doubtful && !again) one.state = 'open'
        throw troubleError(`${this.#where}, topic ${topic}`, answer)
    }
  }
}
