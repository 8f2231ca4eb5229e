/** What handlers and components of a user's own may import. */
export { codecOf } from './codecs/usual.ts'
export { hopMessageId } from './codecs/hop.ts'
export { parseJson, stringifyJson } from './codecs/json-text.ts'
export { idText } from './codecs/long.ts'
export { isMissing, ztfValue } from './codecs/missing.ts'
export type { Alert, FieldPaths, Headers, Long, Message } from './contract/alert.ts'
export type { Codec, CodecClass, CodecSetup, Encoded } from './contract/codec.ts'
export { AlertStreamsError, codes, type ErrorCode } from './contract/errors.ts'
export type { Handler, HandlerContext, HandlerResult } from './contract/handler.ts'
export type { Logger } from './contract/log.ts'
export * as options from './contract/options.ts'
export type { Outgoing, Placed, Rejection, Sink, SinkClass, SinkSetup, Source } from './contract/sink.ts'
export type { AlertStream, Delivery, Room, StreamClass, StreamEvent, StreamSetup } from './contract/stream.ts'
export { toGenericAlert, toNormalizedAlert, toTarget } from './tom/index.ts'
export type { GenericAlert, NonSiderealTarget, NormalizedAlert, SiderealTarget, Target } from './tom/records.ts'
export { toHermesMessage, type HermesOptions } from './hermes/from-alert.ts'
export type { Problem } from './hermes/checks.ts'
export type {
  HermesData,
  HermesMessage,
  HermesOrbit,
  HermesPhotometry,
  HermesReference,
  HermesTarget
} from './hermes/message.ts'
export { problemsOf as hermesProblems } from './hermes/validate.ts'
export { type DatumValue, type HermesRows, type ReducedDatum, rowsOf, type TargetRow } from './hermes/rows.ts'
export { type PhotometryRow, type TableRow, tableRowsOf as hermesTableRows } from './hermes/table-rows.ts'
export { separation, simplifiedName } from './tom/matching.ts'
export { isExtragalacticTransient, type TransientAlert } from './ztf/extragalactic.ts'
