import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { freePorts } from '../services/process.ts'

/** An address at which nobody answers, until it is opened: from then on somebody else does. */
export class Gate {
  readonly host: string
  readonly #port: number
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer()

  private constructor(port: number) {
    this.#port = port
    this.host = `127.0.0.1:${port}`
  }

  static async closed(): Promise<Gate> {
    const [port] = await freePorts(1)
    return new Gate(port!)
  }

  /** Lets everybody through to `host:port`. */
  async open(to: string): Promise<void> {
    const [host, port] = to.split(':')
    this.#server.on('connection', (socket) => {
      const other = connect(Number(port), host)
      for (const [one, two] of [
        [socket, other],
        [other, socket]
      ] as const) {
        this.#sockets.add(one)
        one.pipe(two)
        one.on('error', () => two.destroy())
      }
    })
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
