/** Messages of Hermes as they are on its topics, and as those write them who publish without Hermes. */

type Row = Readonly<Record<string, unknown>>

let minute = 0

/** Of a row's own time, so that no two data are one. */
function row(more: Row): Row {
  const at = new Date(Date.UTC(2024, 1, 10) + minute++ * 60_000).toISOString().replace('.000Z', '+00:00')
  return {
    target_name: 'AT2024abc',
    date_obs: at,
    telescope: 'P48',
    instrument: 'ZTF',
    bandpass: 'r',
    brightness: 18.21,
    brightness_error: 0.04,
    brightness_unit: 'AB mag',
    limiting_brightness_unit: 'AB mag',
    ...more
  }
}

function without(full: Row, ...names: readonly string[]): Row {
  return Object.fromEntries(Object.entries(full).filter(([name]) => !names.includes(name)))
}

export interface Message {
  readonly topic: string
  readonly data: Readonly<Record<string, unknown>>
}

function message(photometry: readonly Row[], more: Row = {}): Message {
  return { topic: 'hermes.photometry', data: { photometry, ...more } }
}

/** What the TOM has already, by name. */
export const known: readonly { readonly name: string; readonly aliases: readonly string[] }[] = [
  { name: 'AT2024abc', aliases: ['ZTF24aaaaaaa'] },
  { name: 'SN 2023ixf', aliases: ['AT 2023ixf', 'ZTF23aaklqou'] },
  { name: 'M31N-2008-12a', aliases: [] },
  { name: '(3200) Phaethon', aliases: [] }
]

const limit = (value: number, more: Row = {}) =>
  without(row({ limiting_brightness: value, ...more }), 'brightness', 'brightness_error')

/** What the TOM's handler and ours make the same of. */
export const alike: Readonly<Record<string, Message>> = {
  'a detection': message([row({})]),
  'a limit': message([limit(20.5)]),
  'a detection with a limit': message([row({ limiting_brightness: 20.5 })]),
  'the name in other letters': message([
    row({ target_name: 'at2024ABC' }),
    row({ target_name: 'sn-2023_IXF' }),
    row({ target_name: 'm31n 2008 12A' }),
    row({ target_name: '3200PHAETHON' })
  ]),
  'an alias': message([row({ target_name: 'ZTF24aaaaaaa' }), row({ target_name: 'ztf23-aaklqou' })]),
  'several targets in turn': message([
    row({}),
    row({ target_name: 'SN 2023ixf', bandpass: 'g' }),
    row({}),
    limit(19.5, { target_name: 'M31N-2008-12a' })
  ]),
  'an unknown target among known ones': message([row({}), row({ target_name: 'SN 1987A' }), row({ bandpass: 'i' })]),
  mJy: message([row({ brightness: 0.1885, brightness_error: 0.0019, brightness_unit: 'mJy' })]),
  'a negative flux': message([row({ brightness: -0.002, brightness_error: 0.0019, brightness_unit: 'mJy' })]),
  'a flux by wavelength': message([row({ brightness: 1.5e-16, brightness_unit: 'erg / s / cm² / Å' })]),
  'Vega magnitudes': message([
    row({ brightness: 17, brightness_error: 0.1, brightness_unit: 'Vega mag', bandpass: 'K' })
  ]),
  'no telescope, or no instrument': message([without(row({}), 'telescope'), without(row({}), 'instrument')]),
  'no error': message([without(row({ brightness: 18 }), 'brightness_error')]),
  'dates in other forms': message([
    row({ date_obs: '2024-03-01T05:06:07Z' }),
    row({ date_obs: '2024-03-01T05:06:08' }),
    row({ date_obs: '2024-03-01 05:06:09' }),
    row({ date_obs: '2024-03-01T05:06:07+02:00' }),
    row({ date_obs: '2024-03-01T05:06:07.123456+00:00' }),
    row({ date_obs: '2024-03-01T05:06:07.5Z' }),
    row({ date_obs: '2024-03-02' })
  ]),
  'dates in words': message([
    row({ date_obs: 'Feb 11 2024 05:06:07' }),
    row({ date_obs: '12 February 2024 05:06' }),
    row({ date_obs: 'Tue, 13 Feb 2024 05:06:07 GMT' }),
    row({ date_obs: '2024/02/14 05:06:07' }),
    row({ date_obs: '02/15/2024 05:06:07' })
  ]),
  'dates that are none': message([row({ date_obs: 'last night' }), row({ date_obs: '' }), row({ bandpass: 'z' })]),
  'targets beside photometry': message([row({})], {
    targets: [{ name: 'AT2024abc', ra: 150.175649, dec: 15.2832185, epoch: '2000.0', aliases: ['ZTF24aaaaaaa'] }]
  }),
  'no photometry': message([], { targets: [{ name: 'AT2024abc', ra: 150.175649, dec: 15.2832185 }] }),
  'spectroscopy alone': {
    topic: 'hermes.spectroscopy',
    data: { spectroscopy: [{ target_name: 'AT2024abc', date_obs: '2024-02-10', flux: [1], wavelength: [500] }] }
  },
  'the same row twice': message([row({ date_obs: '2024-03-03' }), row({ date_obs: '2024-03-03' })])
}

export interface Difference {
  readonly message: Message
  /** Data that the TOM's handler makes, and what it throws. */
  readonly theirs: number
  readonly throws?: string
  /** Of each datum of ours, in which it differs from a plain one. */
  readonly ours: readonly Row[]
}

const plain = { error: 0.04, filter: 'r', telescope: 'P48', instrument: 'ZTF', unit: 'AB mag', magnitude: 18.21 }
const valueWith = (more: Row) => ({ value: { ...plain, ...more } })

/** Where they differ, each on purpose. */
export const different: Readonly<Record<string, Difference>> = {
  'a JD and an MJD as text: a TOM skips them': {
    message: message([row({ date_obs: '2460390.5' }), row({ date_obs: '60391.25' })]),
    theirs: 0,
    ours: [{ timestamp: '2024-03-21T00:00:00.000Z' }, { timestamp: '2024-03-22T06:00:00.000Z' }]
  },
  'an MJD as a number: a TOM stops there': {
    message: message([row({ date_obs: 60392.5 }), row({})]),
    theirs: 0,
    throws: 'TypeError',
    ours: [{ timestamp: '2024-03-23T12:00:00.000Z' }, {}]
  },
  'half a date: a TOM completes it by what is today': {
    message: message([row({ date_obs: '2024-02' }), row({ date_obs: '05:06' })]),
    theirs: 2,
    ours: []
  },
  'neither brightness nor limit: a TOM keeps a datum without a value': {
    message: message([row({ brightness: 0 }), without(row({}), 'brightness')]),
    theirs: 2,
    ours: []
  },
  'no unit: a TOM stops there': {
    message: message([without(row({}), 'brightness_unit'), row({})]),
    theirs: 0,
    throws: 'KeyError',
    ours: [valueWith({ unit: 'AB mag' }), {}]
  },
  'no band: a TOM stops there': {
    message: message([row({}), without(row({}), 'bandpass'), row({})]),
    theirs: 1,
    throws: 'KeyError',
    ours: [{}, {}]
  },
  'null, which a TOM keeps': {
    message: message([row({ telescope: null }), row({ brightness_error: null })]),
    theirs: 2,
    ours: [valueWith({ telescope: '' }), valueWith({ error: '' })]
  },
  'numbers in text, which a TOM keeps as text': {
    message: message([row({ brightness: '18.25', brightness_error: '0.05' })]),
    theirs: 1,
    ours: [valueWith({ error: 0.05, magnitude: 18.25 })]
  },
  'no data: a TOM stops': {
    message: { topic: 'hermes.photometry' } as Message,
    theirs: 0,
    throws: 'KeyError',
    ours: []
  }
}
