import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isMissing, ztfValue } from '../../src/codecs/missing.ts'
import { codecOf } from '../../src/codecs/usual.ts'
import { messageOf } from './message.ts'

test('null, absent and NaN are missing; zero, empty text and false are values', () => {
  expect([null, undefined, Number.NaN].map(isMissing)).toEqual([true, true, true])
  expect([0, '', false, 0n, -999, 'null'].map(isMissing)).toEqual([false, false, false, false, false, false])
})

test.each([
  ['ssdistnr', -999],
  ['ssmagnr', -999.0],
  ['ssnamenr', 'null'],
  ['sgmag3', -999],
  ['szmag1', -999],
  ['sgscore2', -999],
  ['distpsnr1', -999],
  ['objectidps1', -999],
  ['neargaia', -999],
  ['maggaiabright', -999],
  ['forcediffimflux', -99999],
  ['forcediffimfluxunc', -99999],
  ['drb', Number.NaN],
  ['magpsf', null]
])('%s: %s is no value', (field, value) => {
  expect(ztfValue({ [field]: value }, field)).toBeUndefined()
})

test.each([
  ['ssdistnr', 0],
  ['ssnamenr', 'Ceres'],
  ['forcediffimflux', -999],
  ['forcediffimflux', -13403.4365234375],
  ['dsdiff', -999],
  ['objectidps1', 106670978896000000n],
  ['isdiffpos', 'null']
])('%s: %s is one', (field, value) => {
  expect(ztfValue({ [field]: value }, field)).toBe(value)
})

const packets = join(import.meta.dirname, '../../../shared/data/ztf')

describe.skipIf(!existsSync(packets))('the ZTF packets of ../shared/data/ztf', () => {
  test.for(existsSync(packets) ? readdirSync(packets) : [])(
    '%s: what is below -99 without being a value is told',
    (file) => {
      const { candidate } = codecOf('avro').decode(messageOf(readFileSync(join(packets, file)))) as {
        candidate: Record<string, unknown>
      }
      const sentinels = Object.keys(candidate).filter((name) => candidate[name] === -999 || candidate[name] === 'null')
      expect(sentinels).toEqual(expect.arrayContaining(['ssdistnr', 'ssmagnr', 'ssnamenr']))
      for (const name of sentinels) expect(ztfValue(candidate, name), name).toBeUndefined()
      for (const name of ['jd', 'ra', 'magpsf', 'rb', 'dsdiff', 'objectidps1'])
        expect(ztfValue(candidate, name), name).toBe(candidate[name])
    }
  )
})
