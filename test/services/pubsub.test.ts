import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type Message, PubSub, type Subscription, type Topic } from '@google-cloud/pubsub'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describePubsub, pubsub } from '../setup/services.ts'
import { type RunningPubsub, startPubsub } from './pubsub.ts'

describePubsub('the Pub/Sub server of the tests', () => {
  let client: PubSub

  beforeAll(() => {
    client = new PubSub({ projectId: 'test-project', apiEndpoint: pubsub()!.host, emulatorMode: true })
  })
  afterAll(() => client.close())

  async function newSubscription(filter = ''): Promise<[Topic, Subscription]> {
    const [topic] = await client.createTopic(`topic-${randomUUID()}`)
    const [subscription] = await topic.createSubscription(`subscription-${randomUUID()}`, { filter })
    return [topic, subscription]
  }

  async function receive(subscription: Subscription, count: number): Promise<Message[]> {
    const messages: Message[] = []
    const all = Promise.withResolvers<void>()
    subscription.on('error', all.reject)
    subscription.on('message', (message: Message) => {
      message.ack()
      if (messages.push(message) === count) all.resolve()
    })
    await all.promise
    await subscription.close()
    return messages
  }

  test('keeps bytes and attributes', async () => {
    const [topic, subscription] = await newSubscription()
    const data = Buffer.alloc(66_879, 200)
    await topic.publishMessage({ data, attributes: { 'kafka.topic': 'ztf', n: '1' } })
    const [message] = await receive(subscription, 1)
    expect(message!.data.equals(data)).toBe(true)
    expect(message!.attributes).toEqual({ 'kafka.topic': 'ztf', n: '1' })
  })

  test('delivers each of many messages once, and filters by a quoted attribute', async () => {
    const [topic, subscription] = await newSubscription('attributes."kafka.topic" = "ztf"')
    const numbers = Array.from({ length: 2000 }, (_, index) => index)
    for (const n of numbers) {
      topic.publishMessage({ data: Buffer.from(`${n}`), attributes: { 'kafka.topic': n % 2 ? 'ztf' : 'other' } })
    }
    await topic.flush()
    const received = await receive(subscription, 1000)
    const distinct = new Set(received.map((message) => Number(message.data)))
    expect(distinct).toEqual(new Set(numbers.filter((n) => n % 2)))
  })

  test('brings acknowledged messages back after a seek over REST', async () => {
    const [topic, subscription] = await newSubscription()
    const before = new Date(Date.now() - 1000).toISOString()
    await topic.publishMessage({ data: Buffer.from('again') })
    await receive(subscription, 1)
    const url = `http://${pubsub()!.host}/v1/${subscription.name}`
    const seek = await fetch(`${url}:seek`, { method: 'POST', body: JSON.stringify({ time: before }) })
    expect(seek.status).toBe(200)
    const pull = await fetch(`${url}:pull`, { method: 'POST', body: JSON.stringify({ maxMessages: 10 }) })
    expect(await pull.json()).toMatchObject({
      receivedMessages: [{ message: { data: Buffer.from('again').toString('base64') } }]
    })
  })

  test('refuses what Google refuses', async () => {
    const [topic] = await newSubscription()
    await expect(topic.publishMessage({ data: Buffer.alloc(10_100_000) })).rejects.toMatchObject({ code: 3 })
    const short = topic.createSubscription(`short-${randomUUID()}`, { ackDeadlineSeconds: 5 })
    await expect(short).rejects.toMatchObject({ code: 3 })
  })
})

describePubsub('the faults that a Pub/Sub server of its own can be given', () => {
  let server: RunningPubsub
  let client: PubSub

  beforeAll(async () => {
    server = await startPubsub({ minAckDeadlineSeconds: 1 })
    client = new PubSub({ projectId: 'test-project', apiEndpoint: server.host, emulatorMode: true })
  })
  afterAll(async () => {
    await client.close()
    await server.stop()
  })

  test('errors for the next calls of a method, which are counted', async () => {
    const [topic] = await client.createTopic('faults')
    await server.admin('fault?method=GetTopic&code=PERMISSION_DENIED&n=1')
    await expect(topic.getMetadata()).rejects.toMatchObject({ code: 7 })
    await topic.getMetadata()
    expect(await server.admin('stats')).toMatchObject({ CreateTopic: 1, GetTopic: 2 })
  })

  test('cut connections and an outage, over which messages stay', async () => {
    const [topic] = await client.createTopic('outage')
    const [subscription] = await topic.createSubscription('outage', { ackDeadlineSeconds: 2 })
    const received = Promise.withResolvers<void>()
    // An acknowledgement lost with its connection lets the message come again.
    subscription.on('message', (message: Message) => {
      message.ack()
      if (message.data.toString() === 'after') received.resolve()
    })
    await topic.publishMessage({ data: Buffer.from('before') })
    await once(subscription, 'message')
    expect((await server.admin('kick')).closed).toBeGreaterThan(0)
    await server.admin('down?ms=500')
    await topic.publishMessage({ data: Buffer.from('after') })
    await received.promise
    await subscription.close()
  })
})
