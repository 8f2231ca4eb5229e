import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { joinSchemas } from '../../src/codecs/avro/join.ts'
import { type AvroType, readSchema } from '../../src/codecs/avro/schema.ts'
import { lsstSchemas } from '../../src/codecs/confluent/lsst-schemas.ts'
import { codecOf } from '../../src/codecs/usual.ts'
import { fieldsOf, valueAt } from '../contract/codec.ts'
import { lsstAlert, lsstIds, lsstType } from './lsst-sample.ts'
import { messageOf } from './message.ts'

const folder = new URL('../../../shared/data/lsst/', import.meta.url)
const fileIn = (name: string) => messageOf(readFileSync(new URL(name, folder)))

describe('the bundle of LSST schemas', () => {
  test('has every version from 3.0 on, and no text of others', () => {
    expect(lsstIds).toEqual(expect.arrayContaining([300, 700, 701, 704, 800, 900, 1000, 1100, 1101]))
    for (const text of Object.values(lsstSchemas)) expect(text).not.toMatch(/"doc"|\w \w/)
  })

  test.each(lsstIds)('%i is read as it is written, and by its name', (id) => {
    const { value, bytes } = lsstAlert(id)
    expect(lsstType(id)).toMatchObject({ kind: 'record', name: `lsst.v${Math.floor(id / 100)}_${id % 100}.alert` })
    expect(Buffer.from(bytes).readUInt32BE(1)).toBe(id)
    for (const name of ['confluent', 'auto'] as const) expect(codecOf(name).decode(messageOf(bytes))).toEqual(value)
  })
})

describe.skipIf(!existsSync(folder))('alerts of LSST (skipped where ../shared/data/lsst is absent)', () => {
  test('the bundle says what the schemas of 11.0 say: names, types and their order', () => {
    const files = readdirSync(new URL('schemas/11/0/', folder))
    const parts = files.map((name) => JSON.parse(readFileSync(new URL(`schemas/11/0/${name}`, folder), 'utf8')))
    const alert = parts.find(({ name }) => name === 'alert')
    const withoutDefaults = (type: AvroType) =>
      JSON.stringify(type, (key, value) => (key === 'fallback' ? undefined : value))
    const given = readSchema(joinSchemas([...parts.filter((part) => part !== alert), alert])).type
    expect(withoutDefaults(lsstType(1100))).toBe(withoutDefaults(given))
    expect(withoutDefaults(given)).toContain('"midpointMjdTai"')
  })

  test('11.0 as it is on the wire', () => {
    for (const name of ['confluent', 'auto'] as const) {
      const alert = codecOf(name).decode(fileIn('lsst.v11_0.avro')) as Record<string, unknown[]>
      expect(alert).toMatchObject({
        diaSourceId: 1231321321,
        diaSource: {
          ra: 351.570546978,
          dec: 0.126243049656,
          band: 'r',
          psfFlux: 1241,
          midpointMjdTai: 60902.993305483615
        },
        diaObject: { diaObjectId: 281323062375219201n },
        cutoutDifference: null,
        cutoutScience: null,
        cutoutTemplate: null
      })
      expect(alert.prvDiaSources).toHaveLength(2)
      expect(Object.keys(alert.diaSource!)).toHaveLength(98)
    }
  })

  test.each(['lsst.v10_0.avro', 'lsst.v11_0.avro'])(
    '%s: each field by itself is what the full decode has there',
    (name) => {
      const message = fileIn(name)
      const alert = codecOf('confluent').decode(message)
      const paths = fieldsOf(alert)
      expect(paths.length).toBeGreaterThan(150)
      for (const path of paths)
        expect(valueAt(codecOf('confluent').decode(message, [path]), path)).toEqual(valueAt(alert, path))
    }
  )

  test('11.0 in an object container', () => {
    const alert = codecOf('auto').decode(fileIn('fakeAlert.v11_0.ocf.avro')) as { diaSource: object }
    expect(Object.keys(alert.diaSource)).toHaveLength(98)
    expect(lsstType(1100)).toMatchObject({ fields: Object.keys(alert).map((name) => ({ name })) })
  })
})
