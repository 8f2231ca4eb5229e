/** How a band is drawn: in a picture, and by the number of a terminal's colour. */
export interface Ink {
  readonly colour: string
  readonly terminal: number
}

/** As ZTF's are drawn everywhere. */
const usual: Readonly<Record<string, Ink>> = {
  g: { colour: '#2a9d3c', terminal: 32 },
  r: { colour: '#d62728', terminal: 31 },
  i: { colour: '#c77700', terminal: 33 },
  u: { colour: '#6a3d9a', terminal: 35 },
  z: { colour: '#7f3b08', terminal: 35 },
  y: { colour: '#4d4d4d', terminal: 36 },
  B: { colour: '#1f5fd0', terminal: 34 },
  V: { colour: '#1b9e77', terminal: 32 },
  R: { colour: '#b2182b', terminal: 31 },
  I: { colour: '#8c510a', terminal: 33 },
  c: { colour: '#1395ba', terminal: 36 },
  o: { colour: '#f07f09', terminal: 33 },
  G: { colour: '#3b7a57', terminal: 32 }
}

/** As Rubin Observatory draws LSST's six on white. */
const rubin: Readonly<Record<string, Ink>> = {
  u: { colour: '#1600ea', terminal: 34 },
  g: { colour: '#22b312', terminal: 32 },
  r: { colour: '#b52626', terminal: 31 },
  i: { colour: '#370201', terminal: 33 },
  z: { colour: '#ba52ff', terminal: 35 },
  y: { colour: '#61a2b3', terminal: 36 }
}

/** Of bands that have no colour of their own. */
const others: readonly Ink[] = [
  { colour: '#666666', terminal: 37 },
  { colour: '#8e6c8a', terminal: 35 },
  { colour: '#00798c', terminal: 36 },
  { colour: '#9c755f', terminal: 33 }
]

export function inkOf(band: string, survey: string): Ink {
  const letter = letterOf(band)
  const own = survey === 'LSST' ? rubin[letter] : usual[letter]
  if (own !== undefined && (letter === band || isPrefixed(band))) return own
  const sum = [...band].reduce((sum, character) => sum + character.charCodeAt(0), 0)
  return others[sum % others.length]!
}

/** `r` for r, ztfr, sdss-r and r'; else the first letter, a small one. */
export function letterOf(band: string): string {
  const [, letter] = PREFIXED.exec(band) ?? []
  return letter ?? (band.length === 1 ? band : (/[a-z]/i.exec(band)?.[0].toLowerCase() ?? 'o'))
}

const PREFIXED = /^(?:sdss|ztf|ps1?|lsst|atlas|sm|bessell)?[-_ :]*([ugrizycoBVRI])[p']?$/
const isPrefixed = (band: string) => PREFIXED.test(band)

const ORDER = 'u g B V r R i I z y'.split(' ')

/** Each once, from blue to red. */
export function bandsIn(points: readonly { readonly band: string }[]): readonly string[] {
  const rank = (band: string) => (ORDER.includes(band) ? ORDER.indexOf(band) : ORDER.length)
  return [...new Set(points.map(({ band }) => band))].toSorted(
    (one, two) => rank(one) - rank(two) || one.localeCompare(two)
  )
}
