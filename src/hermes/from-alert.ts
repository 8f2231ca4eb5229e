import type { Alert } from '../contract/alert.ts'
import { observationOf, targetOf } from '../tom/index.ts'
import type { Measurement, Observation } from '../tom/observation.ts'
import { rounded } from '../tom/quantities.ts'
import type { NonSiderealTarget } from '../tom/records.ts'
import { target as targetRule } from './target-rules.ts'
import type { HermesMessage, HermesOrbit, HermesPhotometry, HermesTarget } from './message.ts'

export interface HermesOptions {
  /** The Hopskotch topic; left out, it is the sink's. */
  readonly topic?: string | undefined
  /** With `{survey}`, `{name}`, `{id}`, `{topic}` and `{stream}` of the alert. */
  readonly title?: string | undefined
  /** `alertstreams` where it is left out: Hermes takes no message without one. */
  readonly submitter?: string | undefined
  readonly authors?: string | undefined
  /** Earlier detections and limits of the alert too. */
  readonly history?: boolean | undefined
}

/**
 * A Hermes message that says what the alert says: the object, and its brightness where the survey gives it as AB magnitude
 * or flux (a flux that is not positive goes as mJy). Throws for what is no alert of ZTF, LSST or GCN.
 */
export function toHermesMessage(alert: Alert, options: HermesOptions = {}): HermesMessage {
  const seen = observationOf(alert)
  const target = targetRow(seen)
  const measured = options.history ? seen.photometry : seen.photometry.slice(-1)
  const photometry = target === undefined ? [] : measured.flatMap((one) => photometryRow(target.name, one))
  const { note, url, id } = seen
  return {
    ...(options.topic !== undefined && { topic: options.topic }),
    title: options.title === undefined ? titleOf(seen) : filled(options.title, seen, alert),
    submitter: options.submitter ?? 'alertstreams',
    authors: options.authors ?? '',
    message_text: note.text ?? '',
    data: {
      ...(url !== null && { references: [{ url }] }),
      ...(note.event !== undefined && { event_id: note.event }),
      ...(target !== undefined && { targets: [target] }),
      ...(photometry.length > 0 && { photometry }),
      extra_data: { survey: seen.survey, alert_id: id, alert_topic: alert.topic, ...note.facts }
    }
  }
}

function titleOf({ survey, name, id, note }: Observation): string {
  return note.title ?? `${survey} alert ${name ?? id}`
}

function filled(template: string, { survey, name, id }: Observation, { topic, stream }: Alert): string {
  const values: Readonly<Record<string, string>> = { survey, name: name ?? id, id, topic, stream }
  return template.replace(/\{(\w+)\}/g, (whole, word: string) => values[word] ?? whole)
}

function targetRow(seen: Observation): HermesTarget | undefined {
  const target = targetOf(seen)
  const name = target?.name ?? seen.name ?? `${seen.survey}-${seen.id}`
  const row = target?.type === 'NON_SIDEREAL' ? { name, orbital_elements: orbitOf(target) } : undefined
  if (row !== undefined && isAccepted(row)) return row
  if (seen.position === null) return undefined
  const at = seen.observedAt?.toISOString()
  return { name, ...seen.position, ...(seen.moves && { comments: `It moves: this is where it was at ${at}.` }) }
}

/** Hermes takes not every orbit: a mean anomaly of 0 counts as none. */
function isAccepted(row: HermesTarget): boolean {
  let accepted = true
  targetRule(row, '', () => {
    accepted = false
  })
  return accepted
}

function orbitOf(target: NonSiderealTarget): HermesOrbit {
  const { mean_anomaly, semimajor_axis, perihdist, epoch_of_perihelion } = target
  return {
    epoch_of_elements: target.epoch_of_elements,
    orbital_inclination: target.inclination,
    longitude_of_the_ascending_node: target.lng_asc_node,
    argument_of_the_perihelion: target.arg_of_perihelion,
    eccentricity: target.eccentricity,
    ...(semimajor_axis !== null && { semimajor_axis }),
    ...(mean_anomaly !== null && { mean_anomaly }),
    ...(perihdist !== null && { perihelion_distance: perihdist }),
    ...(epoch_of_perihelion !== null && { epoch_of_perihelion })
  }
}

/** None for a row without a value: Hermes takes 0 for that. */
function photometryRow(target_name: string, one: Measurement): readonly HermesPhotometry[] {
  const brightness = brightnessOf(one)
  if (brightness === undefined) return []
  const { at, band, telescope, instrument, negative } = one
  const comments = negative ? 'Difference image: fainter than the reference by this magnitude.' : undefined
  const date_obs = at.toISOString()
  // Hermes wants one of the two.
  const unknown = telescope === null && instrument === null && { instrument: 'unknown' }
  const origin = { ...(telescope !== null && { telescope }), ...(instrument !== null && { instrument }), ...unknown }
  return [{ target_name, date_obs, ...origin, bandpass: band, ...brightness, ...(comments && { comments }) }]
}

type Brightness = Pick<
  HermesPhotometry,
  'brightness' | 'brightness_error' | 'brightness_unit' | 'limiting_brightness' | 'limiting_brightness_unit'
>

/** mJy of nJy. */
const millijansky = (flux: number) => rounded(flux * 1e-6, 15)

function brightnessOf({ magnitude, magnitudeError, flux, fluxError, limit }: Measurement): Brightness | undefined {
  if (magnitude !== null && magnitude !== 0) {
    const error = magnitudeError !== null && { brightness_error: magnitudeError }
    return { brightness: magnitude, ...error, brightness_unit: 'AB mag' }
  }
  if (flux !== null && flux !== 0) {
    const error = fluxError !== null && { brightness_error: millijansky(fluxError) }
    return { brightness: millijansky(flux), ...error, brightness_unit: 'mJy' }
  }
  if (limit === null || limit === 0) return undefined
  return { limiting_brightness: limit, limiting_brightness_unit: 'AB mag' }
}
