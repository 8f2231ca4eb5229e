import { type Fields, recordsOf } from '../tom/fields.ts'
import { observedIn } from '../tom/index.ts'
import type { Observation } from '../tom/observation.ts'
import { type Cutout, cutoutsOf } from './cutouts.ts'
import { forcedPoints } from './forced.ts'
import { gcnPage } from './gcn.ts'
import { hermesPage } from './hermes.ts'
import { lsstLines } from './lsst.ts'
import { lightCurveOf, ownOf, type Point, pointOf } from './points.ts'
import { nested } from './row.ts'
import type { Position } from './sky.ts'
import { treeOf, writingOf } from './tree.ts'
import { ztfLines } from './ztf.ts'

/** What is shown of an alert. */
export interface Page {
  /** ZTF, LSST, GCN, Hermes; empty: not known here. */
  readonly survey: string
  /** The object's name, or a title. */
  readonly title: string
  /** All digits. */
  readonly id: string | null
  /** Degrees, ICRS. */
  readonly position: Position | null
  /** When it was observed, UTC. */
  readonly at: Date | null
  readonly lines: readonly Line[]
  /** By time. */
  readonly curve: readonly Point[]
  readonly cutouts: readonly Cutout[]
  /** What people wrote, or all there is of an alert that is not known here. */
  readonly text: string
}

/** Undefined: there is nothing to say, and the line is left out. */
export type Line = readonly [label: string, value: string | undefined]

/** Of one alert; several alerts of an object are the page of the newest one, and one light curve. */
export function pageOf(payloads: readonly unknown[]): Page {
  const known = payloads.flatMap((payload) => surveyed(payload) ?? [])
  const newest = known.reduce<Surveyed | undefined>(
    (one, other) => (one && timeOf(one) >= timeOf(other) ? one : other),
    undefined
  )
  if (newest === undefined) return hermesPage(payloads[0]) ?? treePage(payloads[0])
  const { observation, payload } = newest
  const { survey, id, name, position, observedAt, note } = observation
  const common = { survey, id, position, at: observedAt, title: name ?? note.title ?? id }
  // What has no name is no object that other alerts could be of.
  const same = known.filter((one) => one === newest || (name !== null && one.observation.name === name))
  const curve = lightCurveOf(same.flatMap((one) => pointsOf(one, one === newest)))
  if (survey === 'GCN') return { ...common, ...gcnPage(payload, observation), curve, cutouts: [] }
  const linesOf = survey === 'ZTF' ? ztfLines : lsstLines
  return { ...common, lines: linesOf(payload, observation), curve, cutouts: cutoutsOf(payload), text: '' }
}

interface Surveyed {
  readonly payload: Fields
  readonly observation: Observation
}

function surveyed(payload: unknown): Surveyed | undefined {
  const row = recordsOf(payload).map(nested)[0]
  const observation = observedIn(row)
  return row && observation && { payload: row, observation }
}

const timeOf = ({ observation }: Surveyed) => observation.observedAt?.getTime() ?? 0

function pointsOf({ payload, observation }: Surveyed, isNewest: boolean): readonly Point[] {
  const { photometry } = observation
  const own = ownOf(observation)
  const measured = photometry.map((one) => pointOf(one, { alert: isNewest && one === own }))
  return [...measured.filter((one) => one !== undefined), ...forcedPoints(payload)]
}

function treePage(payload: unknown): Page {
  const nothing = { id: null, position: null, at: null, lines: [], curve: [], cutouts: [] }
  return {
    ...nothing,
    survey: '',
    title: 'An alert of a kind that is not known here',
    text: writingOf(payload) ?? treeOf(payload)
  }
}
