import { describe, expect, test } from 'vitest'
import { parseJson } from '../../src/codecs/json-text.ts'
import { hermesProblems } from '../../src/index.ts'

/** A valid message with every table. */
function whole(): Message {
  const seen = { target_name: 'AT2024abc', date_obs: '2024-02-10T05:06:07+00:00', instrument: 'ZTF' }
  return {
    topic: 'hermes.test',
    title: 'Photometry of AT2024abc',
    submitter: 'J. Doe',
    authors: 'J. Doe (LCO)',
    message_text: '',
    data: {
      references: [{ url: 'https://example.org' }, { source: 'gcn_circular', citation: 33603 }],
      event_id: 'S230518h',
      targets: [
        { name: 'AT2024abc', ra: 150.175649, dec: '15.2832185', aliases: ['ZTF24aaaaaaa'], discovery_info: {} },
        {
          name: '2011 AB',
          orbital_elements: {
            epoch_of_elements: 60800,
            orbital_inclination: 5,
            longitude_of_the_ascending_node: 120,
            argument_of_the_perihelion: 30,
            eccentricity: 0,
            semimajor_axis: 2.7,
            mean_anomaly: 12
          }
        }
      ],
      photometry: [{ ...seen, telescope: null, bandpass: 'r', brightness: 18.21, brightness_unit: 'AB mag' }],
      spectroscopy: [{ ...seen, flux: [1, 2], wavelength: [400, 500] }],
      astrometry: [{ ...seen, ra: '10:00:42.2', dec: '+05d52m18s' }],
      extra_data: { anything: null }
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what is broken has any shape
type Message = Record<string, any>

test.each<[string, (message: Message) => void]>([
  ['every table', () => {}],
  ['no data', (m) => void delete m.data],
  ['dates as JD and MJD', (m) => Object.assign(m.data.photometry[0], { date_obs: 2460736.5 })],
  ['dates as text of a number', (m) => Object.assign(m.data.photometry[0], { date_obs: '60736.2' })],
  ['a date in words', (m) => Object.assign(m.data.photometry[0], { date_obs: '10 Feb 2024 05:06:07' })],
  ['a number for text', (m) => Object.assign(m, { title: 7 })],
  ['a negative flux', (m) => Object.assign(m.data.photometry[0], { brightness: -0.001, brightness_unit: 'mJy' })],
  [
    'a flux per wavelength',
    (m) => Object.assign(m.data.photometry[0], { brightness_unit: 'erg / s / cm\u00b2 / \u00c5' })
  ],
  ['a limit', (m) => Object.assign(m.data.photometry[0], { brightness: null, limiting_brightness: 20.5 })],
  ['a right ascension beyond the circle', (m) => Object.assign(m.data.targets[0], { ra: -10 })],
  ['an epoch', (m) => Object.assign(m.data.targets[0], { epoch: '2000.0' })]
])('valid: %s', (_, change) => {
  const message = whole()
  change(message)
  expect(hermesProblems(message)).toEqual([])
})

const inData = (fields: object) => (m: Message) => void Object.assign(m.data, fields)
const photometry = (fields: object) => (m: Message) => void Object.assign(m.data.photometry[0], fields)
const spectroscopy = (fields: object) => (m: Message) => void Object.assign(m.data.spectroscopy[0], fields)
const target = (fields: object) => (m: Message) => void Object.assign(m.data.targets[0], fields)
const orbit = (fields: object) => (m: Message) => void Object.assign(m.data.targets[1].orbital_elements, fields)
const message = (fields: object) => (m: Message) => void Object.assign(m, fields)
const UNREADABLE = /format astropy understands/
const [P, S, A] = ['data.photometry[0]', 'data.spectroscopy[0]', 'data.astrometry[0]']
const [T, O] = ['data.targets[0]', 'data.targets[1].orbital_elements']

/** Each with the only fields that are to be named. */
const broken: readonly (readonly [change: (message: Message) => void, paths: string | readonly string[], RegExp])[] = [
  [(m) => void delete m.title, 'title', /required/],
  [message({ title: '  ' }), 'title', /blank/],
  [message({ title: null }), 'title', /null/],
  [message({ title: ['a'] }), 'title', /valid string/],
  [(m) => void delete m.topic, 'topic', /required/],
  [message({ topic: '' }), 'topic', /blank/],
  [(m) => void delete m.submitter, 'submitter', /required/],
  [message({ submitter: '' }), 'submitter', /blank/],
  [message({ authors: null }), 'authors', /null/],
  [message({ message_text: null }), 'message_text', /null/],
  [message({ data: [] }), 'data', /record/],
  [inData({ references: [{ source: 'tns_object' }] }), 'data.references[0].citation', /together/],
  [inData({ references: [{}] }), 'data.references[0].url', /required/],
  [inData({ references: [{ source: 'HOP_uuid', citation: '33' }] }), 'data.references[0].citation', /hop_uuid/],
  [inData({ targets: {} }), ['data.targets', ...[P, S, A].map((row) => `${row}.target_name`)], /list|name/],
  [(m) => void delete m.data.targets[1].name, 'data.targets[1].name', /required/],
  [(m) => void delete m.data.targets[0].dec, `${T}.dec`, /together/],
  [(m) => void delete m.data.targets[1].orbital_elements, 'data.targets[1].ra', /orbital_elements/],
  [(m) => m.data.targets.push(m.data.targets[0]), [`${T}.name`, 'data.targets[2].name'], /unique/],
  [target({ ra: 'nan' }), `${T}.ra`, UNREADABLE],
  [target({ ra: Number.NaN }), `${T}.ra`, UNREADABLE],
  [target({ ra: '25:00:00' }), `${T}.ra`, UNREADABLE],
  [target({ dec: -90.5 }), `${T}.dec`, /-90 and 90/],
  [target({ dec: '+05:52:18' }), `${T}.dec`, /hours/],
  [target({ ra_error_units: 'deg' }), `${T}.ra_error_units`, /"deg" is not a valid choice/],
  [target({ pm_ra: 'fast' }), `${T}.pm_ra`, /valid number/],
  [target({ epoch: 'J2000' }), `${T}.epoch`, /date/],
  [target({ redshift: Number.POSITIVE_INFINITY }), `${T}.redshift`, /valid number/],
  [target({ discovery_info: { transient_type: 'SN' } }), `${T}.discovery_info.transient_type`, /valid choice/],
  [target({ file_info: [{ name: 'a.fits' }] }), `${T}.file_info[0].url`, /required/],
  [target({ distance_units: null }), `${T}.distance_units`, /null/],
  [orbit({ orbital_inclination: 181 }), `${O}.orbital_inclination`, /less than or equal to 180/],
  [orbit({ eccentricity: -0.1 }), `${O}.eccentricity`, /greater than or equal to 0/],
  [orbit({ mean_anomaly: 0 }), `${O}.mean_anomaly`, /0 counts as absent/],
  [orbit({ epoch_of_elements: null }), `${O}.epoch_of_elements`, /null/],
  [photometry({ target_name: 'at2024abc' }), `${P}.target_name`, /reference a name/],
  [photometry({ date_obs: 2_600_000 }), `${P}.date_obs`, /JD/],
  [photometry({ date_obs: 'yesterday' }), `${P}.date_obs`, /date/],
  [photometry({ instrument: '' }), [`${P}.telescope`, `${P}.instrument`], /at least one/],
  [photometry({ bandpass: null }), `${P}.bandpass`, /null/],
  [photometry({ bandpass: '' }), `${P}.bandpass`, /blank/],
  [photometry({ brightness: 0 }), [`${P}.brightness`, `${P}.limiting_brightness`], /required/],
  [photometry({ brightness: 'bright' }), `${P}.brightness`, /valid number/],
  [photometry({ brightness_unit: 'AB' }), `${P}.brightness_unit`, /"AB" is not a valid choice/],
  [photometry({ brightness_unit: 'erg / s / cm² / A\u030a' }), `${P}.brightness_unit`, /valid choice/],
  [photometry({ brightness_unit: null }), `${P}.brightness_unit`, /null/],
  [spectroscopy({ flux: [] }), [`${S}.flux`, `${S}.wavelength`], /required|length/],
  [spectroscopy({ wavelength: [1] }), `${S}.wavelength`, /length/],
  [spectroscopy({ flux_error: [1] }), `${S}.flux_error`, /length/],
  [spectroscopy({ flux: [1, 'x'] }), `${S}.flux[1]`, /valid number/],
  [spectroscopy({ flux_units: null }), `${S}.flux_units`, /null/],
  [spectroscopy({ wavelength_units: '\u03bcm' }), `${S}.wavelength_units`, /valid choice/],
  [spectroscopy({ spec_type: 'Star' }), `${S}.spec_type`, /valid choice/],
  [(m) => void delete m.data.astrometry[0].dec, `${A}.dec`, /required/],
  [message({ submit_to_gcn: true, title: 'Re: GRB 1', authors: '' }), ['authors', 'message_text', 'title'], /GCN/],
  [message({ submit_to_tns: 'yes' }), 'submit_to_tns', /boolean/]
]

describe(`${broken.length} broken messages`, () => {
  test('are enough', () => expect(broken.length).toBeGreaterThanOrEqual(40))

  test.each(broken.map(([change, paths, reason], index) => [index + 1, paths, reason, change] as const))(
    'number %i: %s is named',
    (_, paths, reason, change) => {
      const message = whole()
      change(message)
      const problems = hermesProblems(message)
      expect(problems.map(({ path }) => path).toSorted()).toEqual([paths].flat().toSorted())
      for (const { problem } of problems) expect(problem).toMatch(reason)
    }
  )

  test.each([null, 'text', 7, [], new Uint8Array(2)])('%o is no message', (value) => {
    expect(hermesProblems(value)).toEqual([{ path: '', problem: 'Expected a record.' }])
  })
})

test('several problems are all named at once', () => {
  const message = whole()
  delete message.title
  target({ dec: 91 })(message)
  photometry({ target_name: 'x', bandpass: '' })(message)
  expect(hermesProblems(message).map(({ path }) => path)).toEqual([
    'title',
    `${T}.dec`,
    `${P}.bandpass`,
    `${P}.target_name`
  ])
})

test('TNS wants more', () => {
  const message = whole()
  Object.assign(message, { submit_to_tns: true, authors: '' })
  message.data.targets.pop()
  expect(hermesProblems(message).map(({ path }) => path)).toEqual(['authors', 'data.photometry'])
  delete message.data.spectroscopy
  expect(hermesProblems(message).map(({ path }) => path)).toEqual([
    'authors',
    `${T}.new_discovery`,
    ...['reporting_group', 'discovery_source', 'transient_type'].map((name) => `${T}.discovery_info.${name}`)
  ])
})

test('integers beyond the safe ones are text and numbers too', () => {
  expect(hermesProblems({ ...whole(), title: parseJson('2982177112815010003') })).toEqual([])
})
