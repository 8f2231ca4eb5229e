import { ByteWriter, sizeOfString } from './byte-writer.ts'
import type { Replacement } from './replacement.ts'

interface Sending {
  readonly correlationId: number
  readonly clientId: string
  readonly request: {
    readonly apiKey: number
    readonly apiVersion: number
    /** Present on the requests that leave room for the frame's header. */
    readonly encodeBehind?: (reserved: number) => Promise<Buffer>
  }
}

type CreateRequest = (sending: Sending) => Promise<{ readonly buffer: Buffer }>

/** Writes the header of a request into the room before its body, where kafkajs copies the body twice more. */
export const requestFrame: Replacement = {
  what: 'requests framed without a copy',
  file: 'protocol/request.js',
  sha256: '2270900ca6474026c11957fe71ac586881985460ed2554db22ad8870dcaff634',
  heldBy: ['network/connection.js'],
  make: (original) => {
    const createRequest: CreateRequest = async (sending) => {
      const { correlationId, clientId, request } = sending
      if (request.encodeBehind === undefined) return (original as CreateRequest)(sending)
      const buffer = await request.encodeBehind(4 + 2 + 2 + 4 + sizeOfString(clientId))
      const header = new ByteWriter(buffer)
      header.int32(buffer.length - 4)
      header.int16(request.apiKey)
      header.int16(request.apiVersion)
      header.int32(correlationId)
      header.string(clientId)
      return { buffer }
    }
    return createRequest
  }
}
