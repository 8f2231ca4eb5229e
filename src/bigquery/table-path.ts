const RUBIN = 'pitt-alert-broker'
const OTHERS = 'ardent-cycling-243415'

/** A table of Pitt-Google's, or of anybody's with its project in front. */
export interface Table {
  /** dataset.table: the topic of its rows. */
  readonly name: string
  /** project.dataset.table */
  readonly path: string
}

/** Where Pitt-Google has the alerts of ZTF. */
export const USUAL_TABLE = { name: 'ztf.alerts_v4_02', path: `${OTHERS}.ztf.alerts_v4_02` } as const satisfies Table

/** dataset.table, of Pitt-Google's unless a project stands in front; undefined: it is neither. */
export function readTablePath(text: string): Table | undefined {
  const match = /^(?:([a-z][a-z0-9.:-]*)\.)?(\w+)\.([\w-]+)$/.exec(text)
  if (match === null) return undefined
  const [, project, dataset = '', name = ''] = match
  const usual = /^(lsst|xmatch_gaia)/.test(dataset) ? RUBIN : OTHERS
  return { name: `${dataset}.${name}`, path: `${project ?? usual}.${dataset}.${name}` }
}
