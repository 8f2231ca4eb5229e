import { type Handler, isExtragalacticTransient, type TransientAlert } from '../src/index.ts'

interface Alert extends TransientAlert {
  readonly cutoutScience?: unknown
  readonly cutoutTemplate?: unknown
  readonly cutoutDifference?: unknown
}

interface Options {
  /** Detections by time, instead of the order in which the Pitt-Google broker took them. */
  readonly SORTED?: boolean
  /** `alert`: as it came, instead of what was decoded without its cut-outs. */
  readonly OUTPUT?: 'json' | 'alert'
}

/** Passes on ZTF alerts of transients outside of our galaxy, without their cut-outs and headers. */
const extragalacticTransient: Handler<Alert, Options> = (alert, { options }) => {
  const payload = alert.payload()
  if (!payload?.candidate) throw new Error(`an alert without a candidate: is ${alert.topic} a stream of ZTF?`)
  if (!isExtragalacticTransient(payload, { sorted: options.SORTED === true })) return
  if (options.OUTPUT === 'alert') return alert
  const { cutoutScience, cutoutTemplate, cutoutDifference, ...value } = payload
  return { value }
}

export default extragalacticTransient
