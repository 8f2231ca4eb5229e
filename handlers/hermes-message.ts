import { type Handler, toHermesMessage } from '../src/index.ts'

interface Options {
  /** The Hopskotch topic; left out, it is the sink's. */
  readonly TOPIC?: string
  /** A template of {survey}, {name}, {id}, {topic} and {stream}. */
  readonly TITLE?: string
  readonly SUBMITTER?: string
  readonly AUTHORS?: string
  /** Earlier detections and limits that the alert brings along are rows too. */
  readonly HISTORY?: boolean
}

/** Publishes an alert of ZTF, LSST or GCN as a message of Hermes: its object, and how bright it is. */
const hermesMessage: Handler<unknown, Options> = (alert, { options }) => {
  const message = toHermesMessage(alert, {
    topic: options.TOPIC,
    title: options.TITLE,
    submitter: options.SUBMITTER,
    authors: options.AUTHORS,
    history: options.HISTORY === true
  })
  return {
    key: message.data?.targets?.[0]?.name ?? null,
    value: message,
    ...(message.topic && { topic: message.topic })
  }
}

export default hermesMessage
