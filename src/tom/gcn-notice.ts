import { type Fields, nameOf, numberOf, recordsOf, within } from './fields.ts'
import { bare, type Measurement, type Observation } from './observation.ts'
import { dateOfIso, magnitude, positionOf } from './quantities.ts'

/** Words of GCN's core schema, one of which every notice has. */
const CORE = ['alert_datetime', 'trigger_time', 'observation_start', 'mission', 'instrument', 'messenger']

/** A notice in JSON. Undefined for what is none. */
export function readNotice(notice: Fields): Observation | undefined {
  const isNotice = String(notice.$schema).includes('gcn') || CORE.some((name) => notice[name] !== undefined)
  // BOOM's notices have several targets and their photometry; the first one is the alert's.
  const [target = notice] = recordsOf(within(notice, 'data').targets)
  const name = nameOf(target.event_name) ?? nameOf(notice.event_name) ?? nameOf(notice.id)
  const id = [name, nameOf(notice.record_number), nameOf(notice.alert_datetime)].filter((part) => part !== null)
  if (!isNotice || id.length === 0) return undefined
  const own = recordsOf(within(notice, 'data').photometry).filter((row) => nameOf(row.event_name) === name)
  const photometry = (target === notice ? [notice] : own).map((row) => measurementOf(row, notice))
  const last = photometry.findLast((one) => one !== undefined)
  const [from, type] = [nameOf(notice.mission) ?? nameOf(notice.instrument), nameOf(notice.alert_type)]
  return {
    ...bare,
    id: id.join(' '),
    name,
    observedAt: dateOfIso(notice.trigger_time) ?? dateOfIso(notice.observation_start) ?? last?.at ?? null,
    publishedAt: dateOfIso(notice.alert_datetime) ?? undefined,
    position: positionOf(numberOf(target.ra), numberOf(target.dec)),
    magnitude: last?.magnitude ?? null,
    score: numberOf(notice.far),
    url: nameOf(notice.data_archive_page),
    photometry: photometry.filter((one) => one !== undefined),
    note: {
      title: from === null ? undefined : `${from} ${type ?? 'notice'}${name === null ? '' : `: ${name}`}`,
      text: nameOf(notice.additional_info) ?? undefined,
      event: undefined,
      facts: type === null ? {} : { alert_type: type }
    }
  }
}

/** AB magnitudes only: those of other systems need an offset that depends on the band. */
function measurementOf(row: Fields, notice: Fields): Measurement | undefined {
  const at = dateOfIso(row.observation_start) ?? dateOfIso(notice.trigger_time) ?? dateOfIso(notice.alert_datetime)
  const [band, brightness, limit] = [nameOf(row.filter), numberOf(row.mag), numberOf(row.limiting_mag)]
  const isAb = row.mag_system === undefined || row.mag_system === null || row.mag_system === 'AB'
  if (at === null || band === null || !isAb || (brightness === null && limit === null)) return undefined
  return {
    at,
    band,
    telescope: nameOf(row.telescope) ?? nameOf(notice.mission),
    instrument: nameOf(row.instrument) ?? nameOf(notice.instrument),
    magnitude: magnitude(brightness),
    magnitudeError: brightness === null ? null : magnitude(numberOf(row.mag_error)),
    flux: null,
    fluxError: null,
    limit: magnitude(limit),
    negative: false
  }
}
