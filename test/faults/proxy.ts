import { connect, createServer, type Server, type Socket } from 'node:net'

interface Pair {
  readonly client: Socket
  readonly server: Socket
  /** Half open: the client believes in a connection of which the server knows nothing any more. */
  hole: boolean
}

/** Stands between clients and one port of a server, and spoils their connections on request. */
export class TcpProxy {
  readonly port: number
  readonly #target: number
  readonly #pairs = new Set<Pair>()
  #delayMs = 0
  #refusing = false
  #listener: Server | undefined

  constructor(port: number, target: number) {
    this.port = port
    this.#target = target
  }

  async listen(): Promise<void> {
    const listener = createServer({ noDelay: true }, (client) => this.#open(client))
    this.#listener = listener
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject)
      listener.listen(this.port, '127.0.0.1', resolve)
    })
  }

  /** Connections that are open on both sides. */
  get open(): number {
    return [...this.#pairs].filter((pair) => !pair.hole).length
  }

  /** Resets every connection. */
  cut(): number {
    const pairs = [...this.#pairs]
    for (const { client, server } of pairs) {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
    return pairs.length
  }

  /** Lets every connection go silent: nothing comes back, what is written is swallowed, no side is told. */
  halfOpen(): number {
    const pairs = [...this.#pairs].filter((pair) => !pair.hole)
    for (const pair of pairs) {
      pair.hole = true
      pair.server.destroy()
      pair.client.resume()
    }
    return pairs.length
  }

  /** So many milliseconds more on each way, for open connections as well. */
  delay(ms: number): void {
    this.#delayMs = ms
  }

  /** Resets new connections as well as those that are open. */
  refuse(refusing: boolean): void {
    this.#refusing = refusing
    if (refusing) this.cut()
  }

  /** As if nothing had ever happened; half-open connections stay what they are. */
  heal(): void {
    this.#delayMs = 0
    this.#refusing = false
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#listener?.close(resolve))
  }

  #open(client: Socket): void {
    client.on('error', () => {})
    if (this.#refusing) {
      client.resetAndDestroy()
      return
    }
    const server = connect({ port: this.#target, host: '127.0.0.1', noDelay: true })
    const pair: Pair = { client, server, hole: false }
    this.#pairs.add(pair)
    server.on('error', () => {})
    client.on('close', () => {
      this.#pairs.delete(pair)
      server.destroy()
    })
    server.on('close', () => {
      if (!pair.hole) client.destroy()
    })
    this.#relay(pair, client, server)
    this.#relay(pair, server, client)
  }

  #relay(pair: Pair, from: Socket, to: Socket): void {
    const late: { readonly due: number; readonly chunk: Buffer }[] = []
    const pass = (chunk: Buffer) => {
      if (pair.hole || to.destroyed || to.write(chunk)) return
      from.pause()
      to.once('drain', () => from.resume())
    }
    const passDue = () => {
      while (late.length > 0 && late[0]!.due <= Date.now()) pass(late.shift()!.chunk)
      if (late.length > 0) setTimeout(passDue, late[0]!.due - Date.now())
    }
    from.on('data', (chunk: Buffer) => {
      // Behind what is late, also when the delay is over: bytes keep their order.
      if (this.#delayMs === 0 && late.length === 0) return pass(chunk)
      late.push({ due: Date.now() + this.#delayMs, chunk })
      if (late.length === 1) setTimeout(passDue, this.#delayMs)
    })
  }
}
