import { expect, test } from 'vitest'
import { createTopic, describeKafka, newTopic } from '../setup/services.ts'
import { newName, scram } from './kafka.ts'
import { Workplace } from './program.ts'

describeKafka('alertstreams topics', () => {
  test('lists what a stream can see and which key takes it, and joins no group', { timeout: 60_000 }, async () => {
    const prefix = newName('listed')
    const named = await newTopic('named')
    for (const name of ['a', 'b', '__c']) await createTopic(`${prefix}.${name}`)
    const handlers = { [named]: 'log', [`${prefix}.a*`]: 'log' }
    const options = { ...scram('alice'), GROUP_ID: newName('alice'), TOPIC_HANDLERS: handlers }
    await using place = new Workplace({
      ALERT_STREAMS: [{ NAME: 'HopskotchAlertStream', ID: 'hop', OPTIONS: options }]
    })
    const program = place.start({ args: ['topics'] })
    expect(await program.end()).toBe(0)
    const lines = program.output.split('\n').filter((line) => line.includes(prefix) || line.includes(named))
    expect(lines.toSorted()).toEqual(
      [
        `hop: ${prefix}.a: read by ${prefix}.a*`,
        `hop: ${prefix}.b: not read`,
        `hop: ${named}: read`,
        `hop: ${prefix}.__c: not read`
      ].toSorted()
    )
    expect(program.output).not.toMatch(/__consumer_offsets|alice-secret/)
  })

  test('says why it cannot, without the password', { timeout: 60_000 }, async () => {
    const options = {
      ...scram('alice'),
      PASSWORD: 'wrong-but-secret',
      GROUP_ID: 'alice-x',
      TOPIC_HANDLERS: { a: 'log' }
    }
    await using place = new Workplace({ ALERT_STREAMS: [{ NAME: 'HopskotchAlertStream', OPTIONS: options }] })
    const program = place.start({ args: ['topics'] })
    expect(await program.end()).toBe(1)
    expect(program.output).toMatch(/^alertstreams topics: .*credentials/im)
    expect(program.output).not.toContain('wrong-but-secret')
  })
})
