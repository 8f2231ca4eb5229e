import { type Fields, nameOf, numberOf, recordOf, within } from '../tom/fields.ts'
import type { Observation } from '../tom/observation.ts'
import type { Page } from './page.ts'
import { treeOf } from './tree.ts'
import { joined } from './words.ts'

/** Seconds in a year. */
const YEAR = 31_557_600

/** A circular is its text; of a notice the rest of its fields are shown as they are. */
export function gcnPage(payload: Fields, observation: Observation): Pick<Page, 'lines' | 'text'> {
  const { note, publishedAt, url } = observation
  const text = nameOf(payload.body) ?? note.text
  const isCircular = payload.body !== undefined
  return {
    lines: [
      ['subject', note.title],
      ['id', observation.id],
      ['event', note.event],
      ['from', joined([nameOf(payload.submitter) ?? nameOf(within(payload, 'header').from) ?? undefined])],
      ['issued', publishedAt?.toISOString()],
      ...superevent(payload),
      ['page', url ?? undefined]
    ],
    text: joined([text ?? undefined, !isCircular && treeOf(payload)], '\n\n') ?? ''
  }
}

/** A gravitational wave of LIGO, Virgo and KAGRA. */
function superevent(payload: Fields): Page['lines'] {
  const event = recordOf(payload.event)
  if (payload.superevent_id === undefined) return []
  const rate = numberOf(event?.far)
  const classes = Object.entries(within(payload, 'event', 'classification'))
    .filter(([, probability]) => numberOf(probability) !== null && Number(probability) >= 0.005)
    .toSorted(([, one], [, other]) => Number(other) - Number(one))
    .map(([name, probability]) => `${name} ${(100 * Number(probability)).toFixed(0)} %`)
  return [
    ['alert', joined([nameOf(payload.alert_type) ?? undefined, event?.significant === true && 'significant'])],
    ['false alarms', rate === null ? undefined : rateText(rate)],
    ['class', joined(classes)],
    ['instruments', Array.isArray(event?.instruments) ? event.instruments.map(String).join(', ') : undefined],
    [
      'search',
      joined([
        nameOf(event?.group) ?? undefined,
        nameOf(event?.pipeline) ?? undefined,
        nameOf(event?.search) ?? undefined
      ])
    ]
  ]
}

/** Of a rate in Hz. */
function rateText(rate: number): string {
  const years = 1 / (rate * YEAR)
  const often = years >= 1 ? `one in ${years.toPrecision(3)} years` : `${(1 / years).toPrecision(3)} a year`
  return `${rate.toPrecision(3)} Hz, ${often}`
}
