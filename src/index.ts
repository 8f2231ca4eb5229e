/** What handlers and components of a user's own may import. */
export type { Alert, Codec, FieldPaths, Headers, Long, Message } from './contract/alert.ts'
export { AlertStreamsError, codes, type ErrorCode } from './contract/errors.ts'
export type { Handler, HandlerContext, HandlerResult } from './contract/handler.ts'
export type { Logger } from './contract/log.ts'
export * as options from './contract/options.ts'
export type { Outgoing, Placed, Rejection, Sink, SinkClass, SinkSetup, Source } from './contract/sink.ts'
export type { AlertStream, Delivery, Room, StreamClass, StreamEvent, StreamSetup } from './contract/stream.ts'
