import { afterEach, expect, test, vi } from 'vitest'
import { projectOf, sourcesOf } from '../../src/google/source.ts'

const DEFAULTS = { SUBSCRIPTION: '{topic}', TOPIC_PROJECT: undefined }

afterEach(() => vi.unstubAllEnvs())

test("topics are the survey's, subscriptions one's own", () => {
  const paths = sourcesOf({ id: 's', topics: ['ztf-loop', 'lsst-alerts', '*'] }, 'me', DEFAULTS)
  expect(paths).toEqual([
    {
      topic: 'ztf-loop',
      topicPath: 'projects/ardent-cycling-243415/topics/ztf-loop',
      subscriptionPath: 'projects/me/subscriptions/ztf-loop'
    },
    {
      topic: 'lsst-alerts',
      topicPath: 'projects/pitt-alert-broker/topics/lsst-alerts',
      subscriptionPath: 'projects/me/subscriptions/lsst-alerts'
    }
  ])
})

test('TOPIC_PROJECT and SUBSCRIPTION can be chosen', () => {
  const options = { SUBSCRIPTION: 'nightly-{topic}', TOPIC_PROJECT: 'mine' }
  expect(sourcesOf({ id: 's', topics: ['lsst-alerts'] }, 'me', options)).toEqual([
    {
      topic: 'lsst-alerts',
      topicPath: 'projects/mine/topics/lsst-alerts',
      subscriptionPath: 'projects/me/subscriptions/nightly-lsst-alerts'
    }
  ])
})

test.each([[['ztf-*']], [['ztf-loop', 'lsst-?']], [['*']]])('no subscription to %j', (topics) => {
  expect(() => sourcesOf({ id: 's', topics }, 'me', DEFAULTS)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('pattern') })
  )
})

test('two topics cannot share one subscription', () => {
  const options = { ...DEFAULTS, SUBSCRIPTION: 'one' }
  expect(() => sourcesOf({ id: 's', topics: ['a', 'b'] }, 'me', options)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', remedy: expect.stringContaining('one-{topic}') })
  )
})

test('the project is the option, else that of the environment, else asked for', () => {
  vi.stubEnv('GOOGLE_CLOUD_PROJECT', 'from-environment')
  expect(projectOf('mine', 's')).toBe('mine')
  expect(projectOf(undefined, 's')).toBe('from-environment')
  vi.stubEnv('GOOGLE_CLOUD_PROJECT', '')
  expect(() => projectOf(undefined, 's')).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', remedy: expect.stringContaining('GOOGLE_CLOUD_PROJECT') })
  )
})
