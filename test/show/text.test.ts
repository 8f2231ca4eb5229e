import { describe, expect, test } from 'vitest'
import { inkOf, letterOf } from '../../src/show/bands.ts'
import { chartOf } from '../../src/show/chart.ts'
import { pageOf } from '../../src/show/page.ts'
import { coloured, plain } from '../../src/show/paint.ts'
import { textOf } from '../../src/show/text.ts'
import { ticksBetween } from '../../src/show/ticks.ts'

const row = (jd: number, fid: number, magpsf: number | null, isdiffpos = 't') => ({
  ...{
    jd,
    fid,
    magpsf,
    sigmapsf: magpsf && 0.05,
    isdiffpos,
    diffmaglim: 20.5,
    candid: 1n,
    ra: 97.8890196,
    dec: -2.798349
  }
})
const alert = {
  schemavsn: '4.02',
  objectId: 'ZTF17aaarzyp',
  candid: 2982177112815010003n,
  candidate: {
    ...row(2460736.6771181, 2, 16.5),
    drb: 0.995834,
    rb: 0.634286,
    ssdistnr: 2.5,
    ssmagnr: 18.25,
    ssnamenr: '1234',
    sgscore1: 0.04,
    distpsnr1: 1.5,
    srmag1: 19.5,
    ndethist: 3,
    programid: 1
  },
  prv_candidates: [row(2460716.7, 1, null), row(2460726.7, 2, 17.5), row(2460731.7, 1, 18.5, 'f')]
}

test('the page of a ZTF alert', () => {
  expect(textOf(pageOf([alert]), 80, plain)).toMatchInlineSnapshot(`
    "ZTF17aaarzyp   ZTF

    position       97.8890196 -2.7983490 deg   06:31:33.365 -02:47:54.06
    galactic       l 213.1617  b -5.6977 deg
    observed       2025-03-02T04:15:03.004Z   MJD 60736.177118
    candid         2982177112815010003
    schema         ZTF 4.02, public survey
    brightness     r 16.500 ± 0.050
    5 sigma limit  20.50
    real/bogus     drb 0.996, rb 0.634
    neighbours     Pan-STARRS at 1.50", r 19.50, sgscore 0.04 (galaxy)
    solar system   1234 at 2.5", 18.25 mag
    history        3 detections

    MJD (UTC)     time              band  AB magnitude
    60716.20000   2025-02-10 04:47  g     >20.500
    60726.20000   2025-02-20 04:47  r      17.500 ± 0.050
    60731.20000   2025-02-25 04:47  g      18.500 ± 0.050   negative
    60736.17712   2025-03-02 04:15  r      16.500 ± 0.050   this alert

           |
           |                                                                   *
           |
        17 +
           |                                   r
           |
        18 +
           |
           |                                                   G
        19 +
           |
           |
        20 +
           |
           |   v
           |
           +---+---------------+---------------+---------------+---------------+---
              -20             -15             -10             -5               0
            days from this alert, MJD 60736.1771
            g r   capital: negative difference   v: 5 sigma limit   *: this alert
    "
  `)
})

test('fits into any width, and every line is shorter', () => {
  for (const width of [40, 60, 80, 132]) {
    const lines = textOf(pageOf([alert]), width, plain).split('\n')
    const text = lines.filter((line) => !/^(\d|MJD)/.test(line) && !line.includes('capital'))
    expect(Math.max(...text.map(({ length }) => length))).toBeLessThanOrEqual(Math.max(width, 60))
  }
})

test('what is brighter is higher in the drawing, and later is further right', () => {
  const lines = chartOf(pageOf([alert]), 80, plain).split('\n')
  const place = (sign: string) => {
    const y = lines.findIndex((line) => line.slice(8).includes(sign))
    return { y, x: lines[y]!.indexOf(sign, 8) }
  }
  const [own, before, negative, limit] = ['*', 'r', 'G', 'v'].map(place)
  expect(own!.y).toBeLessThan(before!.y)
  expect(before!.y).toBeLessThan(negative!.y)
  expect(negative!.y).toBeLessThan(limit!.y)
  expect(limit!.x).toBeLessThan(before!.x)
  expect(before!.x).toBeLessThan(negative!.x)
  expect(negative!.x).toBeLessThan(own!.x)
})

describe('a terminal', () => {
  const text = 'red \u001b[31m and \u009b2J and \u202e'
  const observed = { target_name: 'x', date_obs: '60000', telescope: 't', brightness: 17, brightness_unit: 'AB mag' }
  const message = (photometry: readonly unknown[]) => ({
    submitter: text,
    data: { targets: [{ name: 'x', ra: 1, dec: 1 }], photometry }
  })
  const nasty = [
    { ...alert, objectId: text, candidate: { ...alert.candidate, ssnamenr: text } },
    { title: text, submitter: text, message_text: text },
    {
      ...message([
        { ...observed, bandpass: text },
        { ...observed, date_obs: '60001', bandpass: '\u0007' }
      ]),
      title: 't'
    },
    { [text]: text, list: [text] },
    { circularId: 1, subject: text, body: text }
  ]
  test.each(nasty)('is not steered by what an alert says: %#', (payload) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for.
    expect(textOf(pageOf([payload]), 80, plain)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  })

  test('has colours by band', () => {
    const shown = textOf(pageOf([alert]), 80, coloured)
    expect(shown).toContain('\u001b[31mr\u001b[0m')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours.
    expect(shown.replace(/\u001b\[\d+m/g, '')).toBe(textOf(pageOf([alert]), 80, plain))
  })
})

test('a circular is its text, a gravitational wave its classes, anything else a tree with long lists cut', () => {
  const show = (payload: unknown) => textOf(pageOf([payload]), 80, plain)
  const circular = {
    circularId: 39999,
    eventId: 'GRB 250302A',
    subject: 'GRB 250302A: a burst',
    body: 'We report\n\n  a burst.',
    createdOn: 1740888000000,
    submitter: 'A. Person'
  }
  expect(show(circular)).toContain('subject        GRB 250302A: a burst\n')
  expect(show(circular)).toContain('\n\nWe report\n\n  a burst.\n')
  const event = {
    time: '2025-03-02T04:00:00Z',
    far: 1e-9,
    significant: true,
    instruments: ['H1', 'L1'],
    classification: { BNS: 0.9, NSBH: 0.08, Terrestrial: 0.02, BBH: 0 }
  }
  const wave = show({
    superevent_id: 'S250302a',
    alert_type: 'PRELIMINARY',
    time_created: '2025-03-02T04:01:00Z',
    event
  })
  expect(wave).toContain('false alarms   1.00e-9 Hz, one in 31.7 years')
  expect(wave).toContain('class          BNS 90 %, NSBH 8 %, Terrestrial 2 %\n')
  const tree = show({
    id: 9007199254740993n,
    list: Array.from({ length: 5000 }, (_, n) => ({ n })),
    bytes: new Uint8Array(7)
  })
  expect(tree).toContain('id: 9007199254740993\n')
  expect(tree).toContain('... 4997 more')
  expect(tree).toContain('bytes: 7 bytes')
  expect(tree.split('\n').length).toBeLessThan(20)
  expect(show(Buffer.from('plain text'))).toContain('\n\nplain text\n')
})

test('a band is known by its letter, whatever stands before it', () => {
  const names = ['r', 'ztfr', 'sdss-r', "r'", 'V', 'Clear', 'H-alpha', 'up']
  expect(names.map(letterOf)).toEqual(['r', 'r', 'r', 'r', 'V', 'c', 'h', 'u'])
  expect(inkOf('ztfr', 'Hermes')).toEqual(inkOf('r', 'ZTF'))
  expect(inkOf('Clear', 'Hermes')).not.toEqual(inkOf('r', 'ZTF'))
})

test('ticks are round numbers within the range', () => {
  expect(ticksBetween(-30.4, 1.2, 4)).toEqual([-30, -20, -10, 0])
  expect(ticksBetween(17.93, 18.27, 5)).toEqual([18, 18.1, 18.2])
  expect(ticksBetween(60_705.1, 60_737.9, 7)).toEqual([60_710, 60_715, 60_720, 60_725, 60_730, 60_735])
  expect(ticksBetween(0.0011, 0.0049, 4)).toEqual([0.002, 0.003, 0.004])
})
