import { afterEach, expect, test, vi } from 'vitest'
import { projectOf, sourcesOf } from '../../src/google/source.ts'

const DEFAULTS = { SUBSCRIPTION: '{topic}', TOPIC_PROJECT: undefined, TESTID: undefined }

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
  const options = { ...DEFAULTS, SUBSCRIPTION: 'nightly-{topic}', TOPIC_PROJECT: 'mine' }
  expect(sourcesOf({ id: 's', topics: ['lsst-alerts'] }, 'me', options)).toEqual([
    {
      topic: 'lsst-alerts',
      topicPath: 'projects/mine/topics/lsst-alerts',
      subscriptionPath: 'projects/me/subscriptions/nightly-lsst-alerts'
    }
  ])
})

test('a test run has subscriptions of its own, and topics where those are in the same project', () => {
  const options = { ...DEFAULTS, TESTID: 'one' }
  const [theirs] = sourcesOf({ id: 's', topics: ['ztf-loop'] }, 'me', options)
  expect(theirs).toMatchObject({
    topicPath: 'projects/ardent-cycling-243415/topics/ztf-loop',
    subscriptionPath: 'projects/me/subscriptions/ztf-loop-one'
  })
  const [own] = sourcesOf({ id: 's', topics: ['alerts'] }, 'me', { ...options, TOPIC_PROJECT: 'me' })
  expect(own).toEqual({
    topic: 'alerts',
    topicPath: 'projects/me/topics/alerts-one',
    subscriptionPath: 'projects/me/subscriptions/alerts-one'
  })
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
