import { number } from '../contract/options.ts'
import { type Site, sites } from '../schedule/sites.ts'
import { checkKeys } from './keys.ts'
import { readOptions } from './options.ts'
import type { Scope } from './scope.ts'
import { didYouMean } from './spelling.ts'
import { type Entry, plain } from './tree.ts'

export const siteNames = Object.keys(sites)

export const siteFields = {
  LATITUDE: number('Degrees, north positive.', { required: true }),
  LONGITUDE: number('Degrees, east positive.', { required: true }),
  ELEVATION: number('Metres above sea level.', { fallback: 0 })
}

const limits = { LATITUDE: [-90, 90], LONGITUDE: [-180, 360], ELEVATION: [-500, 9000] } as const

/** SITE: a name, or a place of the user's. Undefined: a problem was reported. */
export async function readSite({ node, at }: Entry, scope: Scope): Promise<Site | undefined> {
  const { report } = scope
  if (node.kind !== 'map') {
    const name = String(plain(node))
    const known = siteNames.find((one) => one === name.toLowerCase())
    if (known !== undefined) return sites[known as keyof typeof sites]
    report.problem(
      node.place,
      `SITE: ${name} is not known`,
      didYouMean(
        name,
        siteNames,
        `${siteNames.join(', ')}; or as in  SITE: { LATITUDE: 33.36, LONGITUDE: -116.87, ELEVATION: 1712 }`
      )
    )
    return undefined
  }
  checkKeys(node, Object.keys(siteFields), 'SITE', report)
  const options = await readOptions(node, at, siteFields, 'SITE', scope)
  if (options === undefined) return undefined
  let sound = true
  for (const key of ['LATITUDE', 'LONGITUDE', 'ELEVATION'] as const) {
    const [low, high] = limits[key]
    if (options[key] >= low && options[key] <= high) continue
    const place = node.entries.get(key)?.node.place ?? at
    report.problem(place, `${key} must lie between ${low} and ${high}, not at ${options[key]}`, siteFields[key].doc)
    sound = false
  }
  const { LATITUDE: latitude, LONGITUDE: longitude, ELEVATION: elevation } = options
  return sound ? { latitude, longitude, elevation } : undefined
}
