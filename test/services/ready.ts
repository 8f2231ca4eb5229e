import { connect } from 'node:net'

/** Whether a Kafka broker answers an ApiVersions request (key 18, version 0) on this port within 2 seconds. */
export function answersKafka(port: number): Promise<boolean> {
  const clientId = 'ready'
  const request = Buffer.alloc(14 + clientId.length)
  request.writeInt32BE(request.length - 4, 0)
  request.writeInt16BE(18, 4)
  request.writeInt16BE(clientId.length, 12)
  request.write(clientId, 14)
  return answers(port, request)
}

/** Whether something answers these bytes on this port within 2 seconds. */
export function answers(port: number, request: Buffer | string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    const done = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(2000, () => done(false))
    socket.once('error', () => done(false))
    socket.once('data', () => done(true))
    socket.once('close', () => resolve(false))
  })
}
