import { expect, test, vi } from 'vitest'
import { Producers } from '../../src/kafka/producers.ts'
import { loadPart } from '../../src/kafka/wire/replacement.ts'
import { describeKafka, kafkaClient, newTopic, readTopic } from '../setup/services.ts'

interface Broker {
  produce(request: object): Promise<unknown>
}

describeKafka('the producer', () => {
  test('after a send whose answer was lost, what is sent next is not taken for it', async () => {
    const topic = await newTopic('lost-answer')
    const producers = new Producers(kafkaClient())
    const send = (...values: string[]) => producers.send({ topic, messages: values.map((value) => ({ value })) })
    const { prototype } = loadPart('broker/index.js') as { prototype: Broker }
    const { produce } = prototype
    const lost = vi.spyOn(prototype, 'produce').mockImplementationOnce(async function (this: Broker, request) {
      await produce.call(this, request)
      throw new Error('the answer is lost')
    })
    try {
      await expect(send('a', 'b')).rejects.toThrow('the answer is lost')
      await send('c', 'd')
      const values = (await readTopic(topic)).map(({ value }) => String(value))
      expect(values).toEqual(['a', 'b', 'c', 'd'])
    } finally {
      lost.mockRestore()
      await producers.close()
    }
  })
})
