const NEWLINE = 0x0a

/** Cuts what a process writes into lines. */
export class Lines {
  #parts: Buffer[] = []
  /** Bytes of the line that has no end yet. */
  unfinished = 0

  /** The lines that a chunk has ended, without their ends. */
  push(chunk: Buffer): readonly Buffer[] {
    const lines: Buffer[] = []
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      this.#parts.push(chunk.subarray(from, end))
      lines.push(this.take())
      from = end + 1
    }
    if (from < chunk.length) {
      this.#parts.push(chunk.subarray(from))
      this.unfinished += chunk.length - from
    }
    return lines
  }

  /** What has no end yet. */
  take(): Buffer {
    const line = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
    this.#parts = []
    this.unfinished = 0
    return line
  }
}
