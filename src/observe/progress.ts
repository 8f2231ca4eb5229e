import type { Account } from '../pipeline/account.ts'

const EVERY_MS = 500

/** One line at the foot of a terminal that tells how far each stream is. */
export class Progress {
  readonly #account: Account
  readonly #terminal: NodeJS.WriteStream
  readonly #timer: NodeJS.Timeout
  readonly #since = Date.now()

  constructor(account: Account, terminal: NodeJS.WriteStream) {
    this.#account = account
    this.#terminal = terminal
    this.#timer = setInterval(() => this.#draw(), EVERY_MS)
  }

  /** Makes way for a log line. */
  clear(): void {
    this.#terminal.write('\r\x1b[K')
  }

  stop(): void {
    clearInterval(this.#timer)
    this.clear()
  }

  #draw(): void {
    const seconds = (Date.now() - this.#since) / 1000
    const parts = Object.entries(this.#account.streams).map(([id, { topics, state }]) => {
      const rows = Object.values(topics)
      const sum = (count: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + count(row), 0)
      const received = sum((row) => row.received)
      const delivered = sum((row) => row.delivered)
      const rate = (received / seconds).toFixed(0)
      const held = sum((row) => row.inFlight)
      const counts = `${received} in (${rate}/s), ${delivered} out${held > 0 ? `, ${held} in flight` : ''}`
      return state === 'reading' ? `${id}: ${counts}` : `${id} ${state}: ${counts}`
    })
    const line = parts.join(' | ').slice(0, (this.#terminal.columns || 80) - 1)
    this.#terminal.write(`\r\x1b[K${line}`)
  }
}
