import { type Fields, nameOf, numberOf, recordOf, within } from './fields.ts'
import { readNotice } from './gcn-notice.ts'
import { bare, type Observation } from './observation.ts'
import { dateOfIso, dateOfMjd, dateOfMs, positionOf } from './quantities.ts'

/** Any message of GCN, as it or Hopskotch carries it. Undefined for what is none. */
export function readGcn(payload: Fields): Observation | undefined {
  if (payload.circularId !== undefined) return readCircular(payload)
  if (recordOf(payload.header) && typeof payload.body === 'string') return readHopskotchCircular(payload)
  const [superevent, ivorn] = [nameOf(payload.superevent_id), nameOf(payload.ivorn)]
  if (superevent !== null) return readGwAlert(payload, superevent)
  if (ivorn !== null) return readVoEvent(payload, ivorn)
  if (typeof payload.notice_type === 'string' || typeof payload.notice_date === 'string') return readTextNotice(payload)
  if (Array.isArray(payload.words) && payload.packet_type !== undefined) return readPacket(payload)
  return readNotice(payload)
}

function readCircular(circular: Fields): Observation | undefined {
  const id = nameOf(circular.circularId)
  if (id === null) return undefined
  return {
    ...bare,
    id,
    name: nameOf(circular.eventId),
    publishedAt: dateOfMs(numberOf(circular.createdOn)) ?? undefined,
    url: `https://gcn.nasa.gov/circulars/${id}`,
    note: noteOf(circular.subject, circular.body, circular.eventId, { circularId: id })
  }
}

function readHopskotchCircular({ header, body }: Fields): Observation | undefined {
  const { number, subject, date } = recordOf(header) ?? {}
  const id = nameOf(number)
  // `23/04/10 11:26:05 GMT`
  const [, year, month, day, time] = /^(\d\d)\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d) GMT$/.exec(String(date)) ?? []
  const publishedAt = dateOfIso(`20${year}-${month}-${day}T${time}Z`) ?? undefined
  const url = `https://gcn.nasa.gov/circulars/${id}`
  return id === null ? undefined : { ...bare, id, publishedAt, url, note: noteOf(subject, body, undefined, {}) }
}

/** It has no position: the sky map is of no use to a target. */
function readGwAlert(alert: Fields, superevent: string): Observation {
  const event = within(alert, 'event')
  const [kind, created] = [String(alert.alert_type), String(alert.time_created)]
  return {
    ...bare,
    id: `${superevent}-${kind}-${created}`,
    name: superevent,
    observedAt: dateOfIso(event.time),
    publishedAt: dateOfIso(alert.time_created) ?? undefined,
    score: numberOf(event.far) ?? 1,
    url: nameOf(within(alert, 'urls').gracedb),
    note: noteOf(`${superevent}: ${kind}`, undefined, superevent, {
      alert_type: kind,
      ...(typeof event.significant === 'boolean' && { significant: event.significant })
    })
  }
}

function readVoEvent(event: Fields, ivorn: string): Observation {
  const coordinates = within(event, 'WhereWhen', 'ObsDataLocation', 'ObservationLocation', 'AstroCoords')
  const { C1, C2 } = within(coordinates, 'Position2D', 'Value2')
  return {
    ...bare,
    id: ivorn,
    observedAt: dateOfIso(within(coordinates, 'Time', 'TimeInstant').ISOTime),
    publishedAt: dateOfIso(within(event, 'Who').Date) ?? undefined,
    position: positionOf(numberOf(C1), numberOf(C2)),
    note: noteOf(undefined, nameOf(event.Description), undefined, { ivorn, role: String(event.role) })
  }
}

/** `grb_ra: 103.7861d {+06h 55m 09s} (J2000)`, `grb_date: 20412 TJD; ...`, `grb_time: 20075.50 SOD {...}`. */
function readTextNotice(notice: Fields): Observation | undefined {
  const first = (ending: string) =>
    Object.entries(notice).find(([name]) => name.endsWith(ending) && !name.startsWith('notice'))?.[1]
  const degrees = (value: unknown) => numberOf(/^\s*([+-]?[\d.]+)d/.exec(String(value))?.[1])
  const tjd = numberOf(/^\s*(\d+) TJD/.exec(String(first('_date')))?.[1])
  const seconds = numberOf(/^\s*([\d.]+) SOD/.exec(String(first('_time')))?.[1])
  const event = nameOf(first('trigger_num')) ?? nameOf(first('event_num')) ?? nameOf(first('event_trig_num'))
  const sent = nameOf(notice.notice_date)
  const id = [nameOf(notice.notice_type), event, sent].filter((part) => part !== null).join(' ')
  if (id === '') return undefined
  return {
    ...bare,
    id,
    observedAt: tjd === null || seconds === null ? null : dateOfMjd(tjd + 40_000 + seconds / 86_400),
    position: positionOf(degrees(first('_ra')), degrees(first('_dec'))),
    note: noteOf(nameOf(notice.title) ?? notice.notice_type, nameOf(notice.comments), undefined, {})
  }
}

/** What its position words hold depends on the type, so there is no position. */
function readPacket({ packet_type, serial_number, trigger_number, tjd, sod }: Fields): Observation {
  const [day, seconds] = [numberOf(tjd), numberOf(sod)]
  return {
    ...bare,
    id: [packet_type, trigger_number, serial_number].map(String).join('-'),
    observedAt: day === null || day <= 0 || seconds === null ? null : dateOfMjd(day + 40_000 + seconds / 86_400),
    note: noteOf(undefined, undefined, undefined, { packet_type: String(packet_type) })
  }
}

function noteOf(title: unknown, text: unknown, event: unknown, facts: Observation['note']['facts']) {
  const one = (value: unknown) => nameOf(value) ?? undefined
  return { title: one(title), text: one(text), event: one(event), facts }
}
