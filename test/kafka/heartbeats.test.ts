import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { beating, beatThroughRebalance, Heartbeats } from '../../src/kafka/heartbeats.ts'

const protocolError = (type: string) => Object.assign(new Error(type), { type })

describe('Heartbeats', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('are fresh for 0.7 of the session, and a process that stood still waits for the next', async () => {
    const heartbeats = new Heartbeats(10_000)
    vi.advanceTimersByTime(6999)
    expect(heartbeats.fresh()).toBeUndefined()
    vi.advanceTimersByTime(1)
    const waits = [heartbeats.fresh(), heartbeats.fresh()]
    let woken = 0
    for (const wait of waits) wait!.then(() => woken++)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(woken).toBe(0)
    heartbeats.beat()
    await Promise.all(waits)
    expect(heartbeats.fresh()).toBeUndefined()
  })

  test('go on while something is waited for', async () => {
    const gate = Promise.withResolvers<string>()
    let beats = 0
    const result = beating(gate.promise, async () => void beats++, 1000)
    await vi.advanceTimersByTimeAsync(5500)
    expect(beats).toBe(5)
    gate.resolve('done')
    expect(await result).toBe('done')
    await vi.advanceTimersByTimeAsync(5000)
    expect(beats).toBe(5)
  })

  test('that are refused end the waiting', async () => {
    const result = beating(new Promise(() => {}), () => Promise.reject(protocolError('UNKNOWN_MEMBER_ID')), 1000)
    const refused = expect(result).rejects.toThrow('UNKNOWN_MEMBER_ID')
    await vi.advanceTimersByTimeAsync(1000)
    await refused
  })

  test('were heard while the group forms anew, but not by a group that has put us out', async () => {
    await beatThroughRebalance(() => Promise.reject(protocolError('REBALANCE_IN_PROGRESS')))
    for (const type of ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'NOT_COORDINATOR_FOR_GROUP']) {
      await expect(beatThroughRebalance(() => Promise.reject(protocolError(type)))).rejects.toThrow(type)
    }
  })
})
